import {
  to = gogrid_storage_channel.web
  id = "web"
}
