locals {
  # Addresses for eight servers, so that more servers need no new image.
  addresses = { for number in range(8) : format("web-%02d", number + 1) => "10.110.0.${number + 2}" }
  names     = toset(slice(sort(keys(local.addresses)), 0, var.servers))
}

# The private network as each server sees it.
data "gogrid_dhcp_config" "private" {
  subnet      = "10.110.0.0/24"
  dhcp_server = "none"
  hosts       = { for name, address in local.addresses : name => { address = address } }
}

# Each server runs this script at every boot. The script enables the private
# adapter, sets its address, finds Cloud Storage and loads the server's release.
data "gogrid_startup_script" "web" {
  os      = "linux"
  channel = local.channel

  private_network {
    mode     = "host_map"
    host_map = data.gogrid_dhcp_config.private.host_map
    routes   = [{ destination = var.cloud_storage_network, gateway = var.cloud_storage_gateway }]
  }

  cloud_storage {
    host          = "${var.account}.cloud.storage.gogrid.com"
    share         = var.account
    username      = var.account
    password_file = "/etc/gogrid/storage.password"
  }
}

ephemeral "gogrid_storage_credentials" "this" {}

# The image contains no part of the app, so a new release needs no new image.
resource "gogrid_mygsi_image" "web" {
  friendly_name = "web"

  build {
    image        = var.base_image
    max_duration = "2h"
  }

  prepare {
    connection {
      port = var.ssh_port
    }

    files = concat(data.gogrid_startup_script.web.files, [
      {
        destination = "/etc/systemd/system/site.service"
        content     = templatefile("files/site.service", { port = var.site_port })
      },
    ])

    secret_files_wo = {
      "/etc/gogrid/storage.password" = ephemeral.gogrid_storage_credentials.this.password
    }
    secret_files_wo_version = 1

    commands     = [data.gogrid_startup_script.web.schedule_command]
    prep_command = var.prep_command
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "gogrid_private_ip" "web" {
  for_each = local.names

  address = local.addresses[each.key]
  label   = each.key
}

resource "gogrid_server" "web" {
  for_each = gogrid_private_ip.web

  name       = each.key
  image      = gogrid_mygsi_image.web.id
  ram        = var.ram
  private_ip = each.value.address

  deploy {
    channel         = gogrid_storage_channel.web.name
    release         = gogrid_storage_channel.web.release
    max_unavailable = var.max_unavailable

    health {
      http = "http://{public_ip}:${var.site_port}/"
      body = "</html>"
    }
  }
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
# Ids and addresses keep plan and state shorter than whole resources.
data "gogrid_leftovers" "this" {
  accounted_for = [
    gogrid_mygsi_image.web.id, values(gogrid_private_ip.web)[*].address, values(gogrid_server.web)[*].id,
  ]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
