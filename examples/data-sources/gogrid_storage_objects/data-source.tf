# The simulator sets the location of Cloud Storage. On GoGrid the block also needs a
# bastion, unless the provider runs on a server of the grid.
provider "gogrid" {
  cloud_storage {}
}

data "gogrid_storage_objects" "releases" {
  prefix = "releases/"
}

output "releases" {
  value = data.gogrid_storage_objects.releases.paths
}
