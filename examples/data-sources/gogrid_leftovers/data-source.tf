provider "gogrid" {
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
