locals {
  channel = "win-web"
}

# A release of the app, with the steps that install it.
data "gogrid_bootstrap_archive" "app" {
  os         = "windows"
  source_dir = var.app

  manifest {
    steps = [
      { run = { script = "scripts/check.ps1" } },
      { install = { from = "site", to = "C:\\inetpub\\shop" } },
      { service = { name = "W3SVC", action = "restart" }, when = "every_boot" },
    ]
  }
}

# Archives of previous releases stay on Cloud Storage, so that you can go back to them.
resource "gogrid_storage_object" "app" {
  path    = "releases/${data.gogrid_bootstrap_archive.app.release}.zip"
  archive = data.gogrid_bootstrap_archive.app
  retain  = true
}

resource "gogrid_storage_channel" "web" {
  name    = local.channel
  release = data.gogrid_bootstrap_archive.app.release
  archive = gogrid_storage_object.app.path
  sha256  = gogrid_storage_object.app.sha256
}
