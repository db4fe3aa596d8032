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

  # The login is in the account's list of passwords. GoGrid's own Cloud Storage
  # spoke SMB, and answered on the private network only: from elsewhere it takes
  # a bastion block that names a server of the grid.
  cloud_storage {
    protocol = "sftp"
    host     = var.cloud_storage_host
    port     = var.cloud_storage_port
    host_key = var.cloud_storage_host_key
  }
}
