terraform {
  required_version = ">= 1.11"

  required_providers {
    gogrid = {
      source = "gogrid/gogrid"
    }
  }
}

# Key and shared secret come from GOGRID_API_KEY and GOGRID_SHARED_SECRET.
provider "gogrid" {
  datacenter = var.datacenter
  deployment = var.deployment

  # The login is in the account's password list. GoGrid's own Cloud Storage used
  # SMB and answered on the private network only. From elsewhere, add a bastion
  # block that names a server of the grid.
  cloud_storage {
    protocol = "sftp"
    host     = var.cloud_storage_host
    port     = var.cloud_storage_port
    host_key = var.cloud_storage_host_key
  }
}
