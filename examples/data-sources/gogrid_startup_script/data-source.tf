data "gogrid_startup_script" "web" {
  os      = "linux"
  channel = "web"

  private_network {
    mode = "dhcp"
    routes = [
      { destination = "10.0.0.0/8", gateway = "10.110.0.1" },
    ]
  }

  cloud_storage {
    host          = "22290.cloud.storage.gogrid.com"
    share         = "22290"
    username      = "22290"
    password_file = "/etc/gogrid/storage.password"
  }

  certificates = [
    { file = "certs/site.pfx", password_file = "/etc/gogrid/site.password", store = "/etc/pki/site" },
  ]
}

data "gogrid_startup_script" "windows" {
  os      = "windows"
  channel = "web"

  private_network {
    adapter = "Local Area Connection 2"
  }

  cloud_storage {
    host          = "22290.cloud.storage.gogrid.com"
    share         = "22290"
    username      = "22290"
    password_file = "C:\\gogrid\\storage.password"
    drive_letter  = "Z:"
  }
}

# Use it in a gogrid_mygsi_image:
#
#   prepare {
#     files    = data.gogrid_startup_script.web.files
#     commands = [data.gogrid_startup_script.web.schedule_command]
#   }
output "files" {
  value = data.gogrid_startup_script.web.files[*].destination
}

output "windows_task" {
  value = data.gogrid_startup_script.windows.schedule_command
}
