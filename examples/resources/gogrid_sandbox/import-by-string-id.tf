import {
  to = gogrid_sandbox.web
  id = "700124"
}
