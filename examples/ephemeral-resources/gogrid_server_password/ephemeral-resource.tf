resource "gogrid_server" "web" {
  name  = "web"
  image = "centos6.2_64_base"
  ram   = "1GB"
}

ephemeral "gogrid_server_password" "web" {
  server_id = gogrid_server.web.id
}

# Writes the password of a new server to a file that only its owner can read.
# Replace the command with one that calls your vault. The password is passed in the
# environment, and never appears in the state, plan, log or command line.
resource "terraform_data" "password" {
  triggers_replace = gogrid_server.web.id

  provisioner "local-exec" {
    command = "umask 077; printf '%s\\n' \"$USERNAME\" \"$PASSWORD\" > web.login"

    environment = {
      USERNAME = ephemeral.gogrid_server_password.web.username
      PASSWORD = ephemeral.gogrid_server_password.web.password
    }
  }
}
