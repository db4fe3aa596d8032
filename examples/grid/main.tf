locals {
  names = toset([for number in range(var.servers) : format("web-%02d", number + 1)])
}

# Where the image is made. It has 2 GB of RAM and is billed until it is
# deleted.
#
# A new release starts a new sandbox beside the old one: the image below asks
# for create_before_destroy, which spreads to what it depends on. So the name
# has to carry the release. With a deployment set, a replacement that asks for
# the very same object (same name, same image) would find the old sandbox, take
# it for what an interrupted apply has left, and go on with it as it is.
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

# An address of its own for every name, kept when its server is replaced.
resource "gogrid_private_ip" "web" {
  for_each = local.names

  label = each.key
}

# No create_before_destroy here: an address belongs to one server, so the old
# one has to give it up before the new one can have it. See README.md for how
# to keep the time between the two short.
resource "gogrid_server" "web" {
  for_each = gogrid_private_ip.web

  name       = each.key
  image      = gogrid_mygsi_image.web.id
  ram        = var.ram
  private_ip = each.value.address
}

# Names what a killed apply has left, with the commands that keep or remove it.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_sandbox.web, gogrid_mygsi_image.web, gogrid_private_ip.web, gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
