locals {
  names = toset([for number in range(var.servers) : format("web-%02d", number + 1)])
}

# One resource starts a sandbox, prepares it, saves it, deletes it, and verifies
# the image before a server uses it.
resource "gogrid_mygsi_image" "web" {
  friendly_name = "web ${var.release}"

  build {
    image        = var.base_image
    max_duration = "2h"
  }

  prepare {
    connection {
      port = var.ssh_port
    }

    files = [
      { source = "files/site.conf", destination = "/etc/site/site.conf" },
      { source = "files/start-site", destination = "/usr/local/sbin/start-site", mode = "0755" },
      { content = "release ${var.release}\n", destination = "/var/www/html/release.txt" },
    ]

    scripts = ["files/install.sh"]

    prep_command = var.prep_command
  }

  verify {
    commands = [
      "grep -q '^release ${var.release}$' /var/www/html/release.txt",
      "test -x /usr/local/sbin/start-site && test -s /etc/site/motd",
    ]
  }

  # The old image stays until the new one is saved and verified.
  lifecycle {
    create_before_destroy = true
  }
}

# Every name has its own address, which stays when the server is replaced.
resource "gogrid_private_ip" "web" {
  for_each = local.names

  label = each.key
}

resource "gogrid_server" "web" {
  for_each = gogrid_private_ip.web

  name       = each.key
  image      = gogrid_mygsi_image.web.id
  ram        = var.ram
  private_ip = each.value.address

  # A server is "On" minutes before it accepts logins.
  ready {
    tcp_port = var.ssh_port
  }
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_mygsi_image.web, gogrid_private_ip.web, gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
