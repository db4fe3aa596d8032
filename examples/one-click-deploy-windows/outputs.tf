# What the servers tell of themselves, after everything else.
data "gogrid_deployment" "web" {
  group = local.channel

  depends_on = [gogrid_server.web]
}

output "servers" {
  description = "The servers, with addresses and image."
  value = {
    for name, server in gogrid_server.web : name => {
      public_ip  = server.public_ip
      private_ip = server.private_ip
      image_id   = server.image_id
    }
  }
}

output "image" {
  description = "Image that the servers are made from."
  value       = gogrid_mygsi_image.web.id
}

output "releases" {
  description = "Which server runs which release."
  value       = { for server in data.gogrid_deployment.web.servers : server.name => server.release }
}
