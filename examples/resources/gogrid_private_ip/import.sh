# By the address, or by the id that GoGrid shows for it.
terraform import gogrid_private_ip.database 10.110.0.10
