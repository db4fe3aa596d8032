import {
  to = gogrid_mygsi_image.web
  identity = {
    id = "20001"
  }
}
