// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package packages

import "strings"

const dnsmasqConf = `# Configuration file for dnsmasq.
#
# A simulated server's dnsmasq serves DHCP on the private network, and no DNS.

#interface=eth1
#dhcp-range=10.110.0.0,static

# Include all files in a directory which are configuration files.
`

const nginxPage = "<html>\n<head><title>Welcome to nginx!</title></head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n"

func nginxConf(includes ...string) string {
	var lines strings.Builder
	for _, pattern := range includes {
		lines.WriteString("    include " + pattern + ";\n")
	}
	return `user nginx;
worker_processes 1;

error_log /var/log/nginx/error.log;
pid       /var/run/nginx.pid;

events {
    worker_connections 1024;
}

http {
    include      /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile     on;

` + lines.String() + "}\n"
}

func nginxSite(root string) string {
	return `server {
    listen      80;
    server_name _;

    location / {
        root  ` + root + `;
        index index.html index.htm;
    }
}
`
}

const httpdConf = `ServerRoot "/etc/httpd"
Listen 80
Include conf.d/*.conf
User apache
Group apache
ServerAdmin root@localhost
DocumentRoot "/var/www/html"
DirectoryIndex index.html
ErrorLog logs/error_log
LogLevel warn
`

const apacheConf = `ServerRoot "/etc/apache2"
Timeout 300
KeepAlive On
User www-data
Group www-data
DirectoryIndex index.html
ErrorLog /var/log/apache2/error.log
LogLevel warn
Include ports.conf
Include conf.d/
Include sites-enabled/
`

const apacheSite = `<VirtualHost *:80>
    ServerAdmin webmaster@localhost
    DocumentRoot /var/www
    ErrorLog /var/log/apache2/error.log
    LogLevel warn
</VirtualHost>
`
