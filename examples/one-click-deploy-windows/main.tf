locals {
  # Addresses for eight servers, so that more servers need no new image.
  addresses = { for number in range(8) : format("win-web-%02d", number + 1) => "10.110.0.${number + 2}" }
  names     = toset(slice(sort(keys(local.addresses)), 0, var.servers))
}

# The private network as each server sees it.
data "gogrid_dhcp_config" "private" {
  subnet      = "10.110.0.0/24"
  dhcp_server = "none"
  hosts       = { for name, address in local.addresses : name => { address = address } }
}

# Each server runs this script at every boot, as SYSTEM and before any logon. The
# script enables the private adapter, sets its address, finds Cloud Storage and
# loads the server's release.
data "gogrid_startup_script" "web" {
  os      = "windows"
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
    password_file = "C:\\gogrid\\storage.password"
  }
}

ephemeral "gogrid_storage_credentials" "this" {}

# WinRM over HTTPS: the base image of this build has a listener on port 5986 and
# an account that may log in, see gogrid_mygsi_image.first. The image contains no
# part of the app, so a new release needs no new image.
resource "gogrid_mygsi_image" "web" {
  friendly_name = "web on Windows, with a startup script"

  build {
    image        = gogrid_mygsi_image.first.id
    max_duration = "3h"
  }

  prepare {
    connection {
      type                = "winrm"
      username            = "operator"
      password_wo         = var.operator_password
      password_wo_version = var.operator_password_version
      insecure            = true # the listener's certificate is self-signed
    }

    files = concat(data.gogrid_startup_script.web.files, [
      { source = "files/install.ps1", destination = "C:\\gogrid\\site.ps1" },
    ])

    secret_files_wo = {
      "C:\\gogrid\\storage.password" = ephemeral.gogrid_storage_credentials.this.password
    }
    secret_files_wo_version = 1

    commands = [
      "& C:\\gogrid\\site.ps1",
      data.gogrid_startup_script.web.schedule_command,
    ]

    # The path of GoGrid's own prep script is not documented.
    prep_command = "& C:\\prep\\prep.ps1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# On GoGrid, log in over Remote Desktop to prepare a Windows sandbox.
# The apply waits until the sandbox is off. On a simulated grid, switch it off with:
# gogrid-simulator call grid.server.power server=NAME power=stop
resource "gogrid_mygsi_image" "first" {
  friendly_name = "Windows with WinRM"

  build {
    image        = "win2k8r2_64_base"
    max_duration = "4h"
  }

  prepare {
    mode = "manual"
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
      http = "http://{public_ip}/"
      body = "</html>"
    }
  }
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
# Ids and addresses keep plan and state shorter than whole resources.
data "gogrid_leftovers" "this" {
  accounted_for = [
    gogrid_mygsi_image.first.id, gogrid_mygsi_image.web.id,
    values(gogrid_private_ip.web)[*].address, values(gogrid_server.web)[*].id,
  ]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
