import {
  to = gogrid_server.web
  id = "700123"
}
