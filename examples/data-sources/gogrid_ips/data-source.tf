data "gogrid_ips" "free" {
  datacenter = "US-West-1"
  is_public  = true
  assigned   = false
}

output "free_addresses" {
  value = length(data.gogrid_ips.free.ips)
}
