// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// archiveStory is a configuration that has a file content that is unknown in
// the plan, and a certificate whose password is not in the archive.
const archiveStory = `
terraform {
  required_providers {
    gogrid = { source = "gogrid/gogrid" }
  }
}

variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "release" {
  input = "one"
}

data "gogrid_bootstrap_archive" "site" {
  os         = "linux"
  source_dir = "src"
  files      = { "app/release.txt" = terraform_data.release.id }

  certificate_passwords = { "certs/site.pfx" = var.password }

  manifest {
    steps = [
      { install = { from = "app", to = "/srv/site" } },
      { certificate = { file = "certs/site.pfx", store = "/etc/pki/site" } },
    ]
  }

  output_path = "build/site.zip"
}

output "release" {
  value = data.gogrid_bootstrap_archive.site.release
}
`

// TestAccBootstrapArchive packs an archive during the apply, because the
// content of a file is unknown in the plan. The next plan is empty, and no file
// or output contains a password.
func TestAccBootstrapArchive(t *testing.T) {
	t.Parallel()
	const right, wrong = "r1ght-canary", "wr0ng-canary"
	tr := providertest.NewTrail(t, acctest.NewGrid(t), archiveStory)
	certificate := filepath.Join(tr.Workspace.Dir, "src", "certs", "site.pfx")
	if err := os.MkdirAll(filepath.Dir(certificate), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(certificate, yearCertificate(t, right), 0o600); err != nil {
		t.Fatal(err)
	}
	tr.Run(0, "init", "-input=false", "-no-color")
	environment := tr.Workspace.Env
	tr.Workspace.Env = append(environment, "TF_VAR_password="+right)
	tr.Run(0, "apply", "-auto-approve", "-input=false", "-no-color")
	tr.Run(0, "plan", "-detailed-exitcode", "-input=false", "-no-color")
	if _, err := os.Stat(filepath.Join(tr.Workspace.Dir, "build", "site.zip")); err != nil {
		t.Error(err)
	}
	// All contents are known now, so the plan reports the wrong password.
	tr.Workspace.Env = append(environment, "TF_VAR_password="+wrong)
	tr.Run(1, "plan", "-input=false", "-no-color")
	if output := tr.Texts["output of plan -input=false -no-color"]; !strings.Contains(output, `"certs/site.pfx" cannot be opened: the password is wrong`) {
		t.Errorf("the plan prints\n%s", output)
	}
	tr.Keep("terraform.tfstate")
	log, err := os.ReadFile(tr.Log)
	if err != nil {
		t.Fatal(err)
	}
	tr.Texts["the log"] = string(log)
	for name, text := range tr.Texts {
		for _, password := range []string{right, wrong} {
			if strings.Contains(text, password) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(password))) {
				t.Errorf("%s holds the password %q", name, password)
			}
		}
	}
}

// yearCertificate returns a PKCS #12 file whose certificate is valid for a year.
func yearCertificate(t *testing.T, password string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	content, err := pkcs12.Modern.Encode(key, certificate, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
