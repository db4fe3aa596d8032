variable "servers" {
  description = "Number of servers."
  type        = number
  default     = 2
}

resource "gogrid_private_ip" "web" {
  count = var.servers
}

resource "gogrid_server" "web" {
  count = var.servers

  name       = "shop-web-${count.index}"
  image      = "centos6.2_64_base"
  ram        = "1GB"
  private_ip = gogrid_private_ip.web[count.index].address
}

# Lists objects that a killed apply left, with the commands that keep or remove them.
data "gogrid_leftovers" "this" {
  accounted_for = [gogrid_private_ip.web, gogrid_server.web]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
