resource "gogrid_sandbox" "web" {
  name  = "web-sandbox"
  image = "centos6.2_64_base"
}

resource "gogrid_mygsi_image" "web" {
  sandbox_id    = gogrid_sandbox.web.id
  friendly_name = "web"
  description   = "CentOS with the shop's web server"

  # The old image stays until a new one is saved.
  lifecycle {
    create_before_destroy = true
  }
}
