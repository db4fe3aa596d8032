// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// pfx returns a PKCS #12 file with a certificate and its key.
func pfx(t *testing.T, name, password string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	content, err := pkcs12.Modern.Encode(key, certificate, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestAccCertificatesOnAGuest boots a server that installs one certificate from
// Cloud Storage and one from its release.
func TestAccCertificatesOnAGuest(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t, func(o *simulator.Options) { o.Speed = 250 })
	b := newExampleRun(t, grid)
	port := freePort(t)
	share := newReleases(b, port)
	share.upload("certs/site.pfx", []byte(pfx(t, "site.example.com", "canary-one")))
	archive := zipped(t, map[string]string{
		"bootstrap.json": `{
"version": 1,
"release": "v1",
"os": "linux",
"steps": [
{"certificate":{"file":"certs/app.p12","password_file":"certs/app.password","store":"/etc/pki/app"},"on_error":"stop","when":"every_boot"},
{"run":{"script":"scripts/serve.sh"},"on_error":"stop","when":"every_boot"}
],
"files": [
]
}
`,
		"certs/app.p12": pfx(t, "app.example.com", "canary-two"), "certs/app.password": "canary-two\n",
		"scripts/serve.sh": "mkdir -p /srv/page\nhttpd -p " + strconv.Itoa(port) + " -h /srv/page &\n",
	})
	sum := sha256.Sum256(archive)
	share.sums["v1"] = hex.EncodeToString(sum[:])
	share.upload("releases/v1.zip", archive)
	share.setPointer("channels/web.json", "v1")
	login := grid.StorageLogin(t)
	b.Env = append(b.Env, "TF_VAR_ssh_port="+strconv.Itoa(grid.SSHPort), "TF_VAR_http_port="+strconv.Itoa(port),
		"TF_VAR_account="+login.Username, "TF_VAR_storage_password="+login.Password)
	config := strings.Replace(startupImage, "  channel = \"web\"\n", `  channel = "web"
  certificates = [{ file = "certs/site.pfx", password_file = "/etc/gogrid/site.password", store = "/etc/pki/site" }]
`, 1)
	config = strings.Replace(config, "    files = concat(data.gogrid_startup_script.web.files, [\n", `    files = concat(data.gogrid_startup_script.web.files, [
      { destination = "/etc/gogrid/site.password", content = "canary-one\n", mode = "0600" },
`, 1)
	b.must(b.Write("main.tf", config))
	b.ok("init", "-input=false", "-no-color")
	b.apply()
	share.wantStatus("web-1", "v1", "ok ok")

	want := "subject= /CN=site.example.com\nsubject= /CN=app.example.com\n600\n600\nKey is valid\n"
	if got := b.ssh("web-1", `for name in site/site app/app; do openssl x509 -noout -subject -in /etc/pki/$name.crt; done; stat -c %a /etc/pki/site/site.key /etc/pki/app/app.key; openssl pkey -check -noout -in /etc/pki/app/app.key`); got != want {
		t.Errorf("the server holds %q, want %q", got, want)
	}
	log := b.ssh("web-1", "cat /var/log/gogrid-startup.log /var/log/boot.log")
	if strings.Contains(log, "PROBLEM") || strings.Contains(log, "canary") {
		t.Errorf("the log has a problem or a password:\n%s", log)
	}
}
