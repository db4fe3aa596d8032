data "gogrid_image" "centos" {
  name = "centos6.2_64_base"
}

resource "gogrid_server" "web" {
  name  = "web"
  image = data.gogrid_image.centos.id
  ram   = data.gogrid_image.centos.min_ram
}
