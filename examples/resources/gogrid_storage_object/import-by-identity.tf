import {
  to = gogrid_storage_object.current
  identity = {
    path = "site/current.json"
  }
}
