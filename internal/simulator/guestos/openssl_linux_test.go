// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

// makePair creates a certificate with its key, and a PKCS #12 file that
// contains both.
const makePair = `set -e
cd /root
openssl req -x509 -newkey rsa:2048 -nodes -keyout site.key -out site.crt -days 90 -subj /C=US/O=Example/CN=www.example.com 2> /dev/null
echo secret > password
openssl pkcs12 -export -in site.crt -inkey site.key -out site.pfx -passout file:password
`

func TestOpenSSLOnAGuest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, makePair)
	r.steps(s, []step{
		{"openssl version", 0, []string{"OpenSSL 1.0.0"}},
		{"openssl x509 -noout -subject -issuer -enddate -in site.crt", 0, []string{"subject= /C=US/O=Example/CN=www.example.com\nissuer= /C=US/O=Example/CN=www.example.com\nnotAfter=Dec 30 12:00:00 2009 GMT\n"}},
		{"openssl x509 -noout -fingerprint < site.crt", 0, []string{"SHA1 Fingerprint="}},
		{"openssl x509 -noout -sha256 -fingerprint -in site.crt | wc -c", 0, []string{"115\n"}},
		{"test \"$(openssl x509 -noout -modulus -in site.crt)\" = \"$(openssl rsa -noout -modulus -in site.key)\"", 0, nil},
		{"openssl x509 -in site.crt -checkend 86400 -noout", 0, []string{"Certificate will not expire"}},
		{"openssl x509 -in site.crt -checkend 99999999 -noout", 1, []string{"Certificate will expire"}},
		{"stat -c %a site.key site.pfx", 0, []string{"600\n600\n"}},
		{"openssl rsa -in site.key -check -noout", 0, []string{"RSA key ok"}},
		{"openssl rsa -in site.key", 0, []string{"BEGIN RSA PRIVATE KEY"}},
		{"openssl pkey -in site.key -pubout", 0, []string{"BEGIN PUBLIC KEY"}},
		{"openssl pkcs12 -in site.pfx -passin pass:wrong -nodes", 1, []string{"Mac verify error: invalid password?"}},
		{"openssl pkcs12 -in site.pfx -nodes", 1, []string{"Can't read Password"}},
		{"openssl pkcs12 -in site.crt -passin pass:x -nodes", 1, []string{"Error reading PKCS #12 file"}},
		{"openssl pkcs12 -in site.pfx -passin file:password -nocerts -nodes -out k && openssl rsa -in k 2> /dev/null | cmp - x 2> /dev/null; grep -c 'PRIVATE KEY' k", 0, []string{"2\n"}},
		{"P=secret openssl pkcs12 -in site.pfx -passin env:P -nokeys -clcerts | grep -c 'BEGIN CERT'", 0, []string{"1\n"}},
		{"openssl pkcs12 -legacy -in site.pfx", 1, []string{"unknown option -legacy"}},
		{"openssl verify -CAfile site.crt site.crt", 0, []string{"site.crt: OK"}},
		{"openssl verify site.crt", 2, []string{"error 18 at 0 depth lookup:self signed certificate"}},
		{"openssl genrsa -out a.key 1024 && openssl req -new -key a.key -subj /CN=a -out a.csr && openssl x509 -req -in a.csr -CA site.crt -CAkey site.key -CAcreateserial -days 10 -out a.crt && openssl verify -CAfile site.crt a.crt", 0, []string{"Signature ok", "a.crt: OK"}},
		{"openssl verify a.crt", 2, []string{"error 20 at 0 depth lookup:unable to get local issuer certificate"}},
		{"openssl x509 -req -in a.csr -CA site.crt -CAkey a.key", 1, []string{"CA certificate and CA private key do not match"}},
		{"openssl pkcs12 -export -in site.crt -inkey a.key -passout pass:x -out n.pfx", 1, []string{"No certificate matches private key"}},
		{"openssl x509 -in /none", 1, []string{"No such file or directory"}},
		{"openssl x509 -in password", 1, []string{"unable to load certificate"}},
		{"openssl frobnicate", 1, []string{"openssl:Error: 'frobnicate' is an invalid command."}},
		{"openssl genrsa 64", 1, []string{"1024 to 4096 bits"}},
		{"openssl genrsa 999999", 1, []string{"1024 to 4096 bits"}},
		{"openssl rand -hex 4 | wc -c; printf abc | openssl dgst -sha256; openssl sha1 password", 0, []string{"9\n(stdin)= ba7816bf", "SHA1(password)= "}},
	})
	if text := r.ok(s, "yum -y remove openssl > /dev/null; command -v openssl || echo gone"); text != "gone\n" {
		t.Errorf("openssl is still installed: %q", text)
	}
}

// The real openssl can read files that a guest creates, and a guest can read
// files that the real openssl creates.
func TestOpenSSLAgreesWithTheRealOne(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	r := newRig(t)
	s := r.server(1)
	r.ok(s, makePair)
	files := r.files(1)
	dir := t.TempDir()
	for _, name := range []string{"site.crt", "site.key", "site.pfx"} {
		from, err := files.Open("/root/" + name)
		must(t, err)
		into, err := os.Create(filepath.Join(dir, name))
		must(t, err)
		_, err = from.WriteTo(into)
		must(t, err)
		must(t, into.Close())
		_ = from.Close()
	}
	real := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("openssl %v: %v\n%s", args, err, text)
		}
		return string(text)
	}
	for _, args := range []string{"x509 -noout -enddate -in site.crt", "x509 -noout -serial -in site.crt", "x509 -noout -modulus -in site.crt", "rsa -noout -modulus -in site.key", "x509 -noout -pubkey -in site.crt"} {
		if got, want := r.ok(s, "openssl "+args), real(strings.Fields(args)...); got != want {
			t.Errorf("openssl %s prints %q, want %q like the real openssl", args, got, want)
		}
	}
	got, want := r.ok(s, "openssl x509 -noout -fingerprint -in site.crt"), real("x509", "-noout", "-fingerprint", "-in", "site.crt")
	if !strings.EqualFold(got, want) {
		t.Errorf("the fingerprint is %q, want %q like the real openssl", got, want)
	}
	if text := real("pkcs12", "-legacy", "-in", "site.pfx", "-passin", "pass:secret", "-nodes"); strings.Count(text, "BEGIN CERTIFICATE") != 1 || !strings.Contains(text, "PRIVATE KEY") {
		t.Errorf("the real openssl reads %q", text)
	}
	for _, how := range []string{"-aes256", "-legacy"} {
		words := []string{"pkcs12", "-export", "-in", "site.crt", "-inkey", "site.key", "-out", "real.pfx", "-passout", "pass:other"}
		if how == "-legacy" {
			words = append(words, how)
		}
		real(words...)
		content, err := os.ReadFile(filepath.Join(dir, "real.pfx"))
		must(t, err)
		into, err := files.Create("/root/real.pfx")
		must(t, err)
		_, err = into.Write(content)
		must(t, err)
		must(t, into.Close())
		r.steps(s, []step{{"openssl pkcs12 -in real.pfx -passin pass:other -nodes", 0, []string{"BEGIN CERTIFICATE", "BEGIN PRIVATE KEY"}}})
	}
}

// Both web servers can serve TLS with a certificate that the guest created.
func TestWebServersSpeakTLS(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, makePair)
	port := r.port + 3
	r.steps(s, []step{
		{"yum -y install nginx httpd > /dev/null; cat > /etc/nginx/conf.d/default.conf <<'END'\nserver {\n  listen " + itoa(port) + " ssl;\n  ssl_certificate /root/site.crt;\n  ssl_certificate_key /root/none.key;\n  root /usr/share/nginx/html;\n}\nEND\nnginx -t", 1, []string{"none.key", "No such file or directory"}},
		{"sed -i s/none.key/site.key/ /etc/nginx/conf.d/default.conf; nginx -t && nginx", 0, []string{"test is successful"}},
	})
	r.wantTLS(s, port, "www.example.com", "Welcome to nginx!")
	r.steps(s, []step{
		{"curl -s https://localhost:" + itoa(port) + "/", 60, []string{"SSL certificate problem"}},
		{"curl -sk -o page -w '%{http_code}\\n' https://localhost:" + itoa(port) + "/; grep -c Welcome page", 0, []string{"200\n2\n"}},
		{"curl -sf -k https://localhost:" + itoa(port) + "/none", 22, []string{"404"}},
		{"curl -sk https://localhost:" + itoa(port) + "/none", 0, []string{"404 page not found"}},
		{"curl -Ik https://localhost:" + itoa(port) + "/", 0, []string{"HTTP/1.1 200 OK\r\n", "Server: nginx/1.0.15\r\n"}},
		{"cd /tmp; wget -q --no-check-certificate https://localhost:" + itoa(port) + "/; grep -c Welcome index.html", 0, []string{"2\n"}},
		{"wget -qO- --no-check-certificate https://localhost:" + itoa(port) + "/none", 8, []string{"404"}},
		{"curl -X POST -d a=b -k https://localhost:" + itoa(port) + "/", 0, []string{"Not Allowed"}},
		{"curl --foo http://localhost/", 2, []string{"is unknown"}},
		{"curl ftp://localhost/", 1, []string{"not supported"}},
		{"curl", 2, []string{"no URL specified"}},
		{"curl -s http://localhost:9/", 7, []string{"Connection refused"}},
	})
	r.ok(s, "nginx -s stop; sed -i 's/^Listen 80/Listen "+itoa(port)+"/' /etc/httpd/conf/httpd.conf; cat > /etc/httpd/conf.d/ssl.conf <<'END'\n<VirtualHost *:"+itoa(port)+">\n  SSLEngine on\n  SSLCertificateFile /root/site.crt\n  SSLCertificateKeyFile /root/site.key\n</VirtualHost>\nEND\nservice httpd start")
	r.wantTLS(s, port, "www.example.com", "Apache 2 Test Page")
	s.Up = false
	r.follow(s)
	r.clock.advance(time.Hour)
}

func itoa(n int) string { return fmt.Sprint(n) }

// wantTLS fails the test unless a TLS port presents a certificate for a name and
// serves a page with a text.
func (r *rig) wantTLS(s guestos.Server, port int, name, want string) {
	r.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, fmt.Sprintf("https://%s:%d/", s.PublicIP, port), nil)
	must(r.t, err)
	answer, err := client.Do(request)
	must(r.t, err)
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	must(r.t, err)
	if got := answer.TLS.PeerCertificates[0].Subject.CommonName; got != name || !strings.Contains(string(text), want) {
		r.t.Errorf("the certificate is for %q and the page is %q; want %q and %q", got, text, name, want)
	}
}
