import {
  to = gogrid_storage_object.current
  id = "site/current.json"
}
