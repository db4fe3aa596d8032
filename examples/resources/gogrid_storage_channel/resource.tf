# The simulator sets the location of Cloud Storage. On GoGrid the block also needs a
# bastion, unless the provider runs on a server of the grid.
provider "gogrid" {
  cloud_storage {}
}

# A release and its archive. The archive stays when the next release replaces this
# one, so that you can go back to it.
data "gogrid_bootstrap_archive" "app" {
  source_dir = "${path.module}/app"
}

resource "gogrid_storage_object" "app" {
  path    = "releases/${data.gogrid_bootstrap_archive.app.release}.zip"
  archive = data.gogrid_bootstrap_archive.app
  retain  = true
}

# The servers of the channel load this release when they boot.
resource "gogrid_storage_channel" "web" {
  name    = "web"
  release = data.gogrid_bootstrap_archive.app.release
  archive = gogrid_storage_object.app.path
  sha256  = gogrid_storage_object.app.sha256
}

output "release_before" {
  value = gogrid_storage_channel.web.previous_release
}
