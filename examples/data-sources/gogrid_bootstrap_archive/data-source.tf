data "gogrid_bootstrap_archive" "app" {
  source_dir = "${path.module}/app"
  exclude    = [".git/", "*.log", "/tmp/"]

  files = {
    "conf/app.conf" = <<-EOT
      listen 8080
      workers 4
    EOT
  }

  output_path = "${path.module}/build/app.zip"
}

output "app_digest" {
  value = data.gogrid_bootstrap_archive.app.sha256
}
