# The simulator sets the location of Cloud Storage. On GoGrid the block also needs a
# bastion, unless the provider runs on a server of the grid.
provider "gogrid" {
  cloud_storage {}
}

# An archive, whose name contains its release. A saved plan can be applied in
# another checkout: the apply builds the archive again there.
data "gogrid_bootstrap_archive" "app" {
  source_dir = "${path.module}/app"
}

resource "gogrid_storage_object" "app" {
  path    = "releases/app-${substr(data.gogrid_bootstrap_archive.app.sha256, 0, 12)}.zip"
  archive = data.gogrid_bootstrap_archive.app
}

# A local file. The apply opens it and requires this digest.
resource "gogrid_storage_object" "index" {
  path   = "site/index.html"
  source = "${path.module}/app/index.html"
  sha256 = filesha256("${path.module}/app/index.html")
}

# A file with this text.
resource "gogrid_storage_object" "current" {
  path    = "site/current.json"
  content = jsonencode({ archive = gogrid_storage_object.app.path })
}
