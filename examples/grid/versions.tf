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

  # Tags the objects that this configuration creates, so that the next apply after a
  # killed one recognizes them. Every state needs its own name.
  deployment = var.deployment
}
