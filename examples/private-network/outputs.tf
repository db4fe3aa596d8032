output "servers" {
  description = "Addresses of the web servers by name."
  value       = { for name, server in gogrid_server.web : name => { public_ip = server.public_ip, private_ip = server.private_ip } }
}
