import {
  to = gogrid_private_ip.database
  id = "10.110.0.10"
}
