variable "servers" {
  description = "How many servers run."
  type        = number
  default     = 2
}

resource "gogrid_private_ip" "web" {
  count = var.servers
}

resource "gogrid_server" "web" {
  count = var.servers

  name       = "shop-web-${count.index}"
  image      = "centos6.2_64_base"
  ram        = "1GB"
  private_ip = gogrid_private_ip.web[count.index].address
}
