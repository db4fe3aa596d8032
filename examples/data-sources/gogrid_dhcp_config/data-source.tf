resource "gogrid_private_ip" "web" {
  for_each = toset(["web-1", "web-2"])

  label = each.key
}

data "gogrid_dhcp_config" "private" {
  subnet      = gogrid_private_ip.web["web-1"].subnet
  dhcp_server = "dnsmasq"

  hosts = {
    for name, ip in gogrid_private_ip.web : name => { address = ip.address }
  }
}

output "dnsmasq" {
  value = data.gogrid_dhcp_config.private.dnsmasq
}

# Servers without a DHCP server find their addresses in this map.
output "host_map" {
  value = data.gogrid_dhcp_config.private.host_map
}
