import {
  to = gogrid_storage_channel.web
  identity = {
    name = "web"
  }
}
