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

  # A name that no other state of the account uses. An apply that follows a
  # killed one knows its own servers by it.
  deployment = "shop-production"
}

resource "gogrid_server" "web" {
  name  = "web"
  image = "centos6.2_64_base"
  ram   = "1GB"
}

# Names what a killed apply has left, with the commands that keep or remove it.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
