data "gogrid_images" "base" {
  architecture = "64-bit"
  state        = "Available"
  is_public    = true
}

output "base_images" {
  value = { for image in data.gogrid_images.base.images : image.name => image.os }
}
