# By the id that GoGrid shows for the server.
terraform import gogrid_server.web 700123
