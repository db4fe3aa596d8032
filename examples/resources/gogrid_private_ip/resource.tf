# Claims the lowest free address.
resource "gogrid_private_ip" "web" {
  count = 2

  datacenter = "US-West-1"
  label      = "web-${count.index}"
}

# Claims this address, or fails with an error that names its holder.
resource "gogrid_private_ip" "database" {
  address = "10.110.0.10"
  label   = "database"
}
