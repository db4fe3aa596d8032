# A sandbox has 2 GB of RAM and is billed until it is deleted.
resource "gogrid_sandbox" "web" {
  name        = "web-sandbox"
  image       = "centos6.2_64_base"
  description = "Makes the image of the web servers"
}
