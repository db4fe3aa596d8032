# The simulator sets the location of Cloud Storage. On GoGrid the block also needs a
# bastion, unless the provider runs on a server of the grid.
provider "gogrid" {
  cloud_storage {}
}

data "gogrid_deployment" "web" {
  group = "web"
}

output "releases" {
  value = {
    for server in data.gogrid_deployment.web.servers :
    server.name => "${coalesce(server.release, "none")} since ${coalesce(server.since, "unknown")}"
  }
}

# Warns if servers of the group run different releases.
check "one_release" {
  assert {
    condition     = length(data.gogrid_deployment.web.releases) <= 1
    error_message = "Servers run different releases: ${jsonencode(data.gogrid_deployment.web.releases)}"
  }
}
