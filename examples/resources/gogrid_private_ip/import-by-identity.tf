import {
  to = gogrid_private_ip.database
  identity = {
    address = "10.110.0.10"
  }
}
