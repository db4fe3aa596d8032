import {
  to = gogrid_sandbox.web
  identity = {
    public_ip = "203.0.113.35"
  }
}
