// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package webserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/webserver"
)

func tree(t *testing.T, texts map[string]string) disk.FS {
	t.Helper()
	files, err := disk.Create(filepath.Join(t.TempDir(), "disk"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	for name, text := range texts {
		if err := files.MkdirAll(path.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasSuffix(name, ".secret") {
			mode = 0o600
		}
		file, err := files.OpenFile(name, os.O_CREATE|os.O_WRONLY, mode)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(file, text); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// get sends one request to a port of a configuration. It returns the status and
// the text of the response.
func get(config *webserver.Config, files disk.FS, port int, host, target string) (int, string) {
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, target, nil)
	request.Host = host
	webserver.Handler{Config: config, Port: port, Files: files}.ServeHTTP(answer, request)
	text := answer.Body.String()
	if to := answer.Header().Get("Location"); to != "" {
		text = "to " + to
	}
	return answer.Code, strings.TrimSpace(text)
}

type request struct {
	port         int
	host, target string
	code         int
	text         string
}

func check(t *testing.T, config *webserver.Config, files disk.FS, all []request) {
	t.Helper()
	for _, r := range all {
		code, text := get(config, files, r.port, r.host, r.target)
		if code != r.code || r.text != "*" && text != r.text {
			t.Errorf("%s:%d%s: %d %q, want %d %q", r.host, r.port, r.target, code, text, r.code, r.text)
		}
	}
}

func TestNginxSites(t *testing.T) {
	t.Parallel()
	files := tree(t, map[string]string{
		"/etc/nginx/nginx.conf": "user nginx;\nevents { worker_connections 10; }\nhttp {\n  include mime.types;\n  gzip on; # text\n  include conf.d/*.conf;\n}\n",
		"/etc/nginx/mime.types": "types { text/html html; }\n",
		"/etc/nginx/conf.d/a.conf": `server {
  listen 80;
  listen 8080;
  server_name one.example.com www.one.example.com;
  root /srv/one;
  index index.htm index.html;
  location /assets/ { alias /srv/assets/; autoindex on; }
  location /app { try_files $uri $uri/ /app/index.html; }
  location /gone { return 410 "it is gone"; }
  location /old { return 301 http://$host/new; }
  location = /exact { return 200 exact; }
  location /deny { deny all; }
}
`,
		"/etc/nginx/conf.d/b.conf": "server { listen 80 default_server; server_name _; root /srv/two; }",
		"/srv/one/index.html":      "one", "/srv/one/sub/index.htm": "sub", "/srv/one/app/index.html": "app", "/srv/one/app/file": "file",
		"/srv/one/key.secret": "secret", "/srv/assets/a.txt": "asset", "/srv/two/index.html": "two", "/srv/two/empty/x": "",
	})
	config, err := webserver.ReadNginx(files, "/etc/nginx/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	check(t, config, files, []request{
		{80, "one.example.com", "/", 200, "one"},
		{80, "WWW.one.example.com:80", "/", 200, "one"},
		{80, "other.example.com", "/", 200, "two"},
		{8080, "other.example.com", "/", 200, "one"},
		{80, "one.example.com", "/sub", 301, "to /sub/"},
		{80, "one.example.com", "/sub/", 200, "sub"},
		{80, "one.example.com", "/none", 404, "*"},
		{80, "one.example.com", "/../../../etc/nginx/nginx.conf", 404, "*"},
		{80, "one.example.com", "/assets/a.txt", 200, "asset"},
		{80, "one.example.com", "/assets/../../etc/nginx/nginx.conf", 404, "*"},
		{80, "one.example.com", "/assets/", 200, `<a href="a.txt">a.txt</a>`},
		{80, "one.example.com", "/app/file", 200, "file"},
		{80, "one.example.com", "/app/some/route", 200, "app"},
		{80, "one.example.com", "/gone", 410, "it is gone"},
		{80, "one.example.com", "/old", 301, "to http://one.example.com/new"},
		{80, "one.example.com", "/exact", 200, "exact"},
		{80, "one.example.com", "/exactly", 404, "*"},
		{80, "one.example.com", "/deny/x", 403, "*"},
		{80, "one.example.com", "/key.secret", 403, "*"},
		{80, "other", "/empty/", 403, "*"},
	})
}

func TestNginxProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http {\n  server {\n    foo bar;\n  }\n}\n":  `unknown directive "foo" in /n:3`,
		"http {\n  server {\n    listen 80;\n":        `unexpected end of file, expecting "}" in /n:4`,
		"http {\n  server {\n    listen 80\n  }\n}\n": `unexpected "}" in /n:4`,
		"}\n":                           `unexpected "}" in /n:1`,
		"listen 80;\n":                  `"listen" directive is not allowed here in /n:1`,
		"http { server { listen x; } }": `invalid port in "x" of the "listen" directive in /n:1`,
		"http { server { listen; } }":   `invalid number of arguments in "listen" directive in /n:1`,
		"include none.conf;":            `open() "/none.conf" failed (2: No such file or directory) in /n:1`,
		"include /n;":                   "levels of included files",
		"http { server { location ~ \\.php$ { } } }":                           "only with a prefix",
		"http { server { return \"x\n":                                         "unexpected end of file in a quoted text",
		strings.Repeat("user x;\n", 30_000):                                    "too many directives",
		strings.Repeat("http { server { listen 80; ", 1) + "listen 99999; } }": "invalid port",
	} {
		_, err := webserver.ReadNginx(tree(t, map[string]string{"/n": text}), "/n")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

func TestApacheSites(t *testing.T) {
	t.Parallel()
	files := tree(t, map[string]string{
		"/etc/httpd/conf/httpd.conf": `ServerRoot "/etc/httpd"
Listen 80
Listen 0.0.0.0:8080
LoadModule dir_module modules/mod_dir.so
DocumentRoot "/srv/main"
DirectoryIndex index.html \
  index.htm
<Directory "/srv/main">
    AllowOverride None
    Require all granted
</Directory>
<IfModule mod_x.c>
    Alias /icons/ "/srv/icons/"
</IfModule>
Include conf.d/*.conf
`,
		"/etc/httpd/conf.d/site.conf": "<VirtualHost *:80>\n  ServerName one.example.com\n  DocumentRoot /srv/one\n  Redirect permanent /old http://new.example.com/\n</VirtualHost>\n<VirtualHost *:80>\n  ServerName two.example.com\n  ServerAlias www.two.example.com\n  DocumentRoot /srv/main\n</VirtualHost>\n",
		"/srv/main/index.htm":         "main", "/srv/one/index.html": "one", "/srv/icons/i": "icon",
	})
	config, err := webserver.ReadApache(files, "/etc/httpd/conf/httpd.conf")
	if err != nil {
		t.Fatal(err)
	}
	check(t, config, files, []request{
		{8080, "any", "/", 200, "main"},
		{8080, "any", "/icons/i", 200, "icon"},
		{80, "one.example.com", "/", 200, "one"},
		{80, "two.example.com", "/", 200, "main"},
		{80, "any", "/", 200, "one"},
		{80, "one.example.com", "/old", 301, "to http://new.example.com/"},
	})
}

func TestApacheProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Listen 80\nFoo bar\n":                             "Invalid command 'Foo', perhaps misspelled or defined by a module not included in the server configuration in /a:2",
		"Listen 80\nDocumentRoot /none\n":                  "DocumentRoot must be a directory in /a:2",
		"Listen 80\n<VirtualHost *:80>\n":                  "Expected </VirtualHost> before end of configuration",
		"Listen 80\n</VirtualHost>\n":                      "without matching",
		"DirectoryIndex x\n":                               "no listening sockets available, shutting down",
		"Listen 80\nInclude none.conf\n":                   "Could not open configuration file /none.conf",
		"Listen x\n":                                       "Port must be specified in /a:1",
		"Listen 80\n<Foo>\n":                               "Invalid command '<Foo'",
		"Listen 80\nInclude /a\n":                          "levels of included files",
		"Listen 80\nDocumentRoot\n":                        "takes at least one argument",
		"Listen 80\n<VirtualHost *:80\nFoo\n":              "missing closing",
		"Listen 80\n<VirtualHost *:http>\n":                "The port number",
		"Listen 80\nAlias /x\n":                            "Alias takes two arguments",
		"Listen 80\nRedirect nowhere\n":                    "Redirect takes",
		"Listen 80\n" + strings.Repeat("User x\n", 30_000): "too many directives",
	} {
		_, err := webserver.ReadApache(tree(t, map[string]string{"/a": text}), "/a")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}
