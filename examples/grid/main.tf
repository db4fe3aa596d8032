locals {
  names = toset([for number in range(var.servers) : format("web-%02d", number + 1)])
}

# The image is saved from this sandbox. A sandbox has 2 GB of RAM and is billed
# until it is deleted.
#
# A new release starts a new sandbox beside the old one: Terraform applies
# create_before_destroy of the image below to everything that the image depends
# on. So the name must contain the release. Otherwise, with a deployment set, the
# provider would mistake the old sandbox (same name, same image) for one that an
# interrupted apply left, and would reuse it.
resource "gogrid_sandbox" "web" {
  name        = "web-sandbox-${var.release}"
  image       = var.base_image
  description = "Makes the web image of release ${var.release}"
}

resource "gogrid_mygsi_image" "web" {
  sandbox_id    = gogrid_sandbox.web.id
  friendly_name = "web ${var.release}"

  rebuild_triggers = {
    release = var.release
  }

  # The old image stays until the servers have moved to the new one.
  lifecycle {
    create_before_destroy = true
  }
}

# Every name has its own address, which stays when the server is replaced.
resource "gogrid_private_ip" "web" {
  for_each = local.names

  label = each.key
}

# No create_before_destroy here: an address belongs to one server, so the old
# server must release it before the new server can have it. README.md shows how
# to keep the outage short.
resource "gogrid_server" "web" {
  for_each = gogrid_private_ip.web

  name       = each.key
  image      = gogrid_mygsi_image.web.id
  ram        = var.ram
  private_ip = each.value.address
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_sandbox.web, gogrid_mygsi_image.web, gogrid_private_ip.web, gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
