import {
  to = gogrid_mygsi_image.web
  id = "20001"
}
