# The reports of the servers, read after the deploy.
data "gogrid_deployment" "web" {
  group = local.channel

  depends_on = [gogrid_server.web]
}

output "servers" {
  description = "Addresses and image of the servers by name."
  value = {
    for name, server in gogrid_server.web : name => {
      public_ip  = server.public_ip
      private_ip = server.private_ip
      image_id   = server.image_id
    }
  }
}

output "image" {
  description = "Image of the servers."
  value       = gogrid_mygsi_image.web.id
}

output "releases" {
  description = "Release of each server."
  value       = { for server in data.gogrid_deployment.web.servers : server.name => server.release }
}
