// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// foreignCA is the PEM file of a certificate authority that has not signed the
// certificate of any test endpoint.
const foreignCA = `-----BEGIN CERTIFICATE-----
MIIBkDCCATWgAwIBAgIUHMSlibIR1s+yr7Hsi61osvUYNYwwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTI4MjMyNTU5WhgP
MjEyNjExMDQyMzI1NTlaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEj9Lx/ZVhr9Yszmzq5dKANakfXZoRiREJ
fatTHiWoMg301+HcBuwnKyOoK5i11wsEPml1ECuboOIQFG/ZVceOdqNTMFEwHQYD
VR0OBBYEFJrYD0PfUZ++GohA8BXXe2XAmfMKMB8GA1UdIwQYMBaAFJrYD0PfUZ++
GohA8BXXe2XAmfMKMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
AKNqjKN8ZtmtPZdz2P9JalGBfwkBhW+NOuVPvMbcH7PIAiEAvYwkO3/uF5BH3mdC
+AE9h2GZjdfToNMR90TLjyPiA8k=
-----END CERTIFICATE-----
`

// writeForeignCA writes foreignCA to a file and returns the file's path.
func writeForeignCA(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(file, []byte(foreignCA), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProviderTrustsTheCAFile(t *testing.T) {
	t.Parallel()
	secure, file := acctest.NewQuickGrid(t).OverTLS(t)
	for name, s := range map[string]*acctest.Session{
		"attribute":          secure.Session(t, acctest.Attributes{"ca_certificate_file": file}),
		"environment":        secure.WithEnv("GOGRID_CA_CERTIFICATE_FILE", file).Session(t),
		"attribute over env": secure.WithEnv("GOGRID_CA_CERTIFICATE_FILE", "/nowhere").Session(t, acctest.Attributes{"ca_certificate_file": file}),
	} {
		if _, diagnostics := s.ReadData("gogrid_ips", acctest.Attributes{}); len(diagnostics) > 0 {
			t.Errorf("%s: %s", name, diagnostics)
		}
	}
}

func TestProviderRefusesAForeignEndpoint(t *testing.T) {
	t.Parallel()
	secure, _ := acctest.NewQuickGrid(t).OverTLS(t)
	other := writeForeignCA(t)
	for name, configure := range map[string]func() acctest.Diagnostics{
		"no CA": func() acctest.Diagnostics {
			_, diagnostics := secure.Configure(t, acctest.Attributes{})
			return diagnostics
		},
		"other CA": func() acctest.Diagnostics {
			_, diagnostics := secure.Configure(t, acctest.Attributes{"ca_certificate_file": other})
			return diagnostics
		},
		"other CA in environment": func() acctest.Diagnostics {
			_, diagnostics := secure.WithEnv("GOGRID_CA_CERTIFICATE_FILE", other).Configure(t, acctest.Attributes{})
			return diagnostics
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configure().WantError(t, "ca_certificate_file", "trust the endpoint", "unknown authority", "GOGRID_CA_CERTIFICATE_FILE", "name a PEM file")
		})
	}
	_, diagnostics := secure.WithEnv("GOGRID_CA_CERTIFICATE_FILE", "/nowhere/ca.pem").Configure(t, acctest.Attributes{})
	diagnostics.WantError(t, "ca_certificate_file", "GOGRID_CA_CERTIFICATE_FILE", "no such file")
}
