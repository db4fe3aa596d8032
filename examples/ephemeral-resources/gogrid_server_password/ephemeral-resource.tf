resource "gogrid_server" "web" {
  name  = "web"
  image = "centos6.2_64_base"
  ram   = "1GB"
}

ephemeral "gogrid_server_password" "web" {
  server_id = gogrid_server.web.id
}

# Hands the password to a vault when the server is new. It passes through the
# environment and a pipe, and reaches neither state, plan, log nor command line.
resource "terraform_data" "password" {
  triggers_replace = gogrid_server.web.id

  provisioner "local-exec" {
    command = "printf %s \"$PASSWORD\" | vault kv put secret/web username=\"$USERNAME\" password=-"

    environment = {
      USERNAME = ephemeral.gogrid_server_password.web.username
      PASSWORD = ephemeral.gogrid_server_password.web.password
    }
  }
}
