// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package packages

// common returns the packages that have the same name in both families.
func common() []Package {
	return []Package{
		{Name: "bash", Version: "4.1.2", Summary: "The GNU Bourne Again shell", Base: true},
		{Name: "busybox", Version: "1.15.1", Summary: "Tiny utilities for small systems", Base: true, Programs: []string{"httpd"}, Service: &Service{
			Name: "httpd", Command: "httpd -f -p 80 -h /var/www/html", Foreground: true,
		}},
		{Name: "cifs-utils", Version: "4.8.1", Summary: "Utilities for mounting CIFS file systems", Base: true},
		{Name: "coreutils", Version: "8.4", Summary: "A set of basic GNU tools", Base: true},
		{Name: "curl", Version: "7.19.7", Summary: "A utility for getting files from remote servers", Base: true, Programs: []string{"curl"}},
		{Name: "openssl", Version: "1.0.0", Summary: "A general purpose cryptography library with TLS tools", Base: true, Programs: []string{"openssl"}},
		{Name: "rsync", Version: "3.0.6", Summary: "A program for synchronizing files", Programs: []string{"rsync"}},
		{Name: "tar", Version: "1.23", Summary: "A GNU file archiving program", Base: true, Programs: []string{"tar"}},
		{Name: "unzip", Version: "6.0", Summary: "A utility for unpacking zip files", Base: true, Programs: []string{"unzip"}},
		{Name: "wget", Version: "1.12", Summary: "A utility for retrieving files over HTTP", Base: true, Programs: []string{"wget"}},
		{Name: "zip", Version: "3.0", Summary: "A file compression utility compatible with PKZIP", Programs: []string{"zip"}},
	}
}

// familyPackages returns the packages of one family, except the common
// packages.
func familyPackages(family Family) []Package {
	if family == RedHat {
		return redHat()
	}
	return debian()
}

func redHat() []Package {
	return []Package{
		{Name: "dnsmasq", Version: "2.48", Summary: "A lightweight DHCP and caching DNS server", Base: true, Programs: []string{"dnsmasq"}, Folders: []string{"/etc/dnsmasq.d"}, Files: map[string]string{
			"/etc/dnsmasq.conf": dnsmasqConf + "conf-dir=/etc/dnsmasq.d\n",
		}, Service: &Service{Name: "dnsmasq", Command: "dnsmasq", Check: "dnsmasq --test"}},
		{Name: "dhclient", Version: "4.1.1", Summary: "Provides the ISC DHCP client daemon and dhclient-script", Base: true, Programs: []string{"dhclient"}},
		{Name: "httpd", Version: "2.2.15", Summary: "Apache HTTP Server", Requires: []string{"httpd-tools"}, Programs: []string{"httpd", "apachectl"}, Folders: []string{
			"/etc/httpd/conf.d", "/var/log/httpd", "/var/www/cgi-bin", "/var/www/html",
		}, Files: map[string]string{
			"/etc/httpd/conf/httpd.conf": httpdConf, "/var/www/html/index.html": "<html><body><h1>Apache 2 Test Page powered by CentOS</h1></body></html>\n",
		}, Service: &Service{Name: "httpd", Command: "httpd", Check: "httpd -t"}},
		{Name: "httpd-tools", Version: "2.2.15", Summary: "Tools for use with the Apache HTTP Server"},
		{Name: "initscripts", Version: "9.03", Summary: "The inittab file and the /etc/init.d scripts", Base: true},
		{Name: "mod_ssl", Version: "2.2.15", Summary: "SSL/TLS module for the Apache HTTP Server", Requires: []string{"httpd"}},
		{Name: "nginx", Version: "1.0.15", Summary: "A high performance web server and reverse proxy server", Programs: []string{"nginx"}, Folders: []string{
			"/etc/nginx/conf.d", "/var/log/nginx",
		}, Files: map[string]string{
			"/etc/nginx/nginx.conf": nginxConf("/etc/nginx/conf.d/*.conf"), "/etc/nginx/conf.d/default.conf": nginxSite("/usr/share/nginx/html"),
			"/etc/nginx/mime.types": "types {\n    text/html html htm;\n}\n", "/usr/share/nginx/html/index.html": nginxPage,
		}, Service: nginxService()},
		{Name: "openssh-clients", Version: "5.3p1", Summary: "An open source SSH client applications", Base: true, Programs: []string{"scp"}},
		{Name: "openssh-server", Version: "5.3p1", Summary: "An open source SSH server daemon", Base: true},
		{Name: "samba-client", Version: "3.5.10", Summary: "Samba client programs", Base: true, Requires: []string{"samba-common"}, Programs: []string{"smbclient"}},
		{Name: "samba-common", Version: "3.5.10", Summary: "Files used by both Samba servers and clients", Base: true},
	}
}

func debian() []Package {
	return []Package{
		{Name: "apache2", Version: "2.2.16-6", Summary: "Apache HTTP Server metapackage", Requires: []string{"apache2.2-bin", "apache2.2-common"}, Programs: []string{"apache2", "apache2ctl", "apachectl"}, Folders: []string{
			"/etc/apache2/conf.d", "/etc/apache2/sites-available", "/var/log/apache2", "/var/www",
		}, Files: map[string]string{
			"/etc/apache2/apache2.conf": apacheConf, "/etc/apache2/ports.conf": "Listen 80\n", "/etc/apache2/sites-enabled/000-default": apacheSite,
			"/var/www/index.html": "<html><body><h1>It works!</h1></body></html>\n",
		}, Service: &Service{Name: "apache2", Command: "apache2", Check: "apache2 -t"}},
		{Name: "apache2.2-bin", Version: "2.2.16-6", Summary: "Apache HTTP Server common binary files"},
		{Name: "apache2.2-common", Version: "2.2.16-6", Summary: "Apache HTTP Server common files"},
		{Name: "dnsmasq", Version: "2.55-2", Summary: "A small caching DNS proxy and DHCP/TFTP server", Base: true, Programs: []string{"dnsmasq"}, Folders: []string{"/etc/dnsmasq.d"}, Files: map[string]string{
			"/etc/dnsmasq.conf":    dnsmasqConf + "#conf-dir=/etc/dnsmasq.d\n",
			"/etc/default/dnsmasq": "# The service reads /etc/dnsmasq.conf, and the files of CONFIG_DIR.\nCONFIG_DIR=/etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new\n",
		}, Service: &Service{
			Name: "dnsmasq", Command: "dnsmasq -7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new",
			Check: "dnsmasq --test -7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new",
		}},
		{Name: "isc-dhcp-client", Version: "4.1.1-P1-15", Summary: "ISC DHCP client", Base: true, Programs: []string{"dhclient"}},
		{Name: "nginx", Version: "0.7.67-3", Summary: "small, but very powerful and efficient web server and mail proxy", Programs: []string{"nginx"}, Folders: []string{
			"/etc/nginx/conf.d", "/etc/nginx/sites-available", "/var/log/nginx",
		}, Files: map[string]string{
			"/etc/nginx/nginx.conf": nginxConf("/etc/nginx/conf.d/*.conf", "/etc/nginx/sites-enabled/*"), "/etc/nginx/sites-enabled/default": nginxSite("/var/www"),
			"/etc/nginx/mime.types": "types {\n    text/html html htm;\n}\n", "/var/www/index.html": nginxPage,
		}, Service: nginxService()},
		{Name: "openssh-client", Version: "5.5p1-6", Summary: "secure shell (SSH) client, for secure access to remote machines", Base: true, Programs: []string{"scp"}},
		{Name: "openssh-server", Version: "5.5p1-6", Summary: "secure shell (SSH) server, for secure access from remote machines", Base: true},
		{Name: "samba-common", Version: "3.5.6", Summary: "common files used by both the Samba server and client", Base: true},
		{Name: "smbclient", Version: "3.5.6", Summary: "command-line SMB/CIFS clients for Unix", Base: true, Requires: []string{"samba-common"}, Programs: []string{"smbclient"}},
	}
}

func nginxService() *Service {
	return &Service{Name: "nginx", Command: "nginx", Check: "nginx -t -q"}
}
