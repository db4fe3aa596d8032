data "gogrid_bootstrap_archive" "app" {
  os         = "linux"
  version    = "2.4"
  source_dir = "${path.module}/app"
  exclude    = [".git/", "*.orig"]

  files = {
    "conf/app.conf" = <<-EOT
      listen 8080
      workers 4
    EOT
  }

  manifest {
    steps = [
      { install = { from = "app", to = "/srv/app" } },
      { install = { from = "conf", to = "/etc/app" } },
      { run = { script = "scripts/migrate.sh", args = ["/var/lib/app"], timeout = "5m" } },
      { service = { name = "httpd", action = "restart" }, on_error = "continue" },
    ]
  }

  output_path = "${path.module}/build/app.zip"
}

output "app_release" {
  value = data.gogrid_bootstrap_archive.app.release
}

output "app_digest" {
  value = data.gogrid_bootstrap_archive.app.sha256
}
