locals {
  names = [for number in range(6) : "web-${number + 1}"]

  # All addresses are reserved before a server exists, so a new web server needs
  # no new DHCP image.
  addresses = { for index, name in local.names : name => "10.110.0.${index + 3}" }
}

resource "gogrid_private_ip" "dhcp" {
  address = "10.110.0.2"
  label   = "dhcp"
}

data "gogrid_dhcp_config" "private" {
  subnet      = "10.110.0.0/28"
  dhcp_server = "dnsmasq"
  hosts       = { for name, address in local.addresses : name => { address = address } }
  routes      = [{ destination = "10.100.0.0/24", gateway = "10.110.0.1" }] # Cloud Storage
}

# The DHCP server. GoGrid disables the private adapter of a new server, so the
# script enables it at every boot.
resource "gogrid_mygsi_image" "dhcp" {
  friendly_name = "DHCP server"

  build {
    image = var.base_image
  }

  prepare {
    files = [
      { destination = "/etc/dnsmasq.d/gogrid.conf", content = data.gogrid_dhcp_config.private.dnsmasq },
      { destination = "/etc/rc.d/rc.local", source = "files/dhcp-server", mode = "0755" },
    ]
    commands     = ["yum -y install dnsmasq", "dnsmasq --test"]
    prep_command = var.prep_command
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "gogrid_server" "dhcp" {
  name       = "dhcp"
  image      = gogrid_mygsi_image.dhcp.id
  ram        = "512MB" # the smallest: the server answers a few requests an hour
  private_ip = gogrid_private_ip.dhcp.address
}

# The web servers request their address by name. They repeat the request, so
# they may boot before the DHCP server.
resource "gogrid_mygsi_image" "web" {
  friendly_name = "DHCP client"

  build {
    image = var.base_image
  }

  prepare {
    files        = [{ destination = "/etc/rc.d/rc.local", source = "files/dhcp-client", mode = "0755" }]
    prep_command = var.prep_command
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "gogrid_private_ip" "web" {
  for_each = toset(slice(local.names, 0, var.servers))

  address = local.addresses[each.key]
  label   = each.key
}

resource "gogrid_server" "web" {
  for_each = gogrid_private_ip.web

  name       = each.key
  image      = gogrid_mygsi_image.web.id
  ram        = "512MB"
  private_ip = each.value.address
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
data "gogrid_leftovers" "this" {
  accounted_for = [
    gogrid_mygsi_image.dhcp, gogrid_mygsi_image.web, gogrid_private_ip.dhcp,
    gogrid_private_ip.web, gogrid_server.dhcp, gogrid_server.web,
  ]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
