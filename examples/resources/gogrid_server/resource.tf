resource "gogrid_private_ip" "web" {
  datacenter = "US-West-1"
}

resource "gogrid_server" "web" {
  name        = "web"
  image       = "centos6.2_64_base"
  ram         = "1GB"
  description = "Front end of the shop"
  private_ip  = gogrid_private_ip.web.address
}

output "address" {
  value = gogrid_server.web.public_ip
}
