import {
  to = gogrid_server.web
  identity = {
    public_ip = "203.0.113.34"
  }
}
