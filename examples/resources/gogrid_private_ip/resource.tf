# The lowest free address.
resource "gogrid_private_ip" "web" {
  count = 2

  datacenter = "US-West-1"
  label      = "web-${count.index}"
}

# A certain address, or an error that names who has it.
resource "gogrid_private_ip" "database" {
  address = "10.110.0.10"
  label   = "database"
}
