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

  # Tags what this configuration creates. Every state needs a name of its own.
  deployment = var.deployment
}
