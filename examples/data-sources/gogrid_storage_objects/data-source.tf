data "gogrid_storage_objects" "releases" {
  prefix = "releases/"
}

output "releases" {
  value = data.gogrid_storage_objects.releases.paths
}
