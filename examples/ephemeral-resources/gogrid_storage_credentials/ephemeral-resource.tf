ephemeral "gogrid_storage_credentials" "files" {}

# Writes the credentials file that mount.cifs reads. The password is passed in the
# environment, and never appears in the state, plan, log or command line.
resource "terraform_data" "credentials" {
  provisioner "local-exec" {
    command = "umask 077; printf 'username=%s\\npassword=%s\\n' \"$USERNAME\" \"$PASSWORD\" > storage.credentials"

    environment = {
      USERNAME = ephemeral.gogrid_storage_credentials.files.username
      PASSWORD = ephemeral.gogrid_storage_credentials.files.password
    }
  }
}
