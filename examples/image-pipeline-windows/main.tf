# WinRM over HTTPS: the base image of this build has a listener on port 5986 and
# an account that may log in. GoGrid's own base images had neither, so the first
# image is prepared by hand: see gogrid_mygsi_image.first.
resource "gogrid_mygsi_image" "web" {
  friendly_name = "web on Windows"

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

    files = [
      { source = "files/install.ps1", destination = "C:\\site\\install.ps1" },
    ]

    # Windows completes the installation of a feature while it restarts.
    steps = [
      { command = "Import-Module ServerManager; Add-WindowsFeature Web-Server" },
      { restart = true },
      { command = "& C:\\site\\install.ps1" },
    ]

    # The path of GoGrid's own prep script is not documented.
    prep_command = "& C:\\prep\\prep.ps1"
  }

  verify {
    commands = ["if (-not (Test-Path C:\\inetpub\\wwwroot\\index.html)) { exit 1 }"]
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

resource "gogrid_server" "web" {
  count = 2

  name  = "win-web-${count.index + 1}"
  image = gogrid_mygsi_image.web.id
  ram   = "2GB"
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_mygsi_image.first, gogrid_mygsi_image.web, gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
