terraform {
  required_providers {
    gogrid = {
      source = "gogrid/gogrid"
    }
  }
}

# The API key and its shared secret come from GOGRID_API_KEY and GOGRID_SHARED_SECRET.
provider "gogrid" {
  datacenter = "US-West-1"

  # Tags the objects that this configuration creates, so that the next apply after a
  # killed one recognizes them. No other state of the account may use this name.
  deployment = "shop-production"
}

resource "gogrid_server" "web" {
  name  = "web"
  image = "centos6.2_64_base"
  ram   = "1GB"
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
