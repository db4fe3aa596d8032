ephemeral "gogrid_storage_credentials" "files" {}

# Writes what mount.cifs reads its login from. The password passes through the
# environment, and reaches neither state, plan, log nor command line.
resource "terraform_data" "credentials" {
  provisioner "local-exec" {
    command = "umask 077; printf 'username=%s\\npassword=%s\\n' \"$USERNAME\" \"$PASSWORD\" > storage.credentials"

    environment = {
      USERNAME = ephemeral.gogrid_storage_credentials.files.username
      PASSWORD = ephemeral.gogrid_storage_credentials.files.password
    }
  }
}
