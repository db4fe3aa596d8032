output "servers" {
  description = "Addresses and image of the servers by name."
  value = {
    for name, server in gogrid_server.web : name => {
      id         = server.id
      public_ip  = server.public_ip
      private_ip = server.private_ip
      image_id   = server.image_id
    }
  }
}

output "image" {
  description = "Image of the servers."
  value = {
    id              = gogrid_mygsi_image.web.id
    friendly_name   = gogrid_mygsi_image.web.friendly_name
    prepared_digest = gogrid_mygsi_image.web.prepared_digest
  }
}
