// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

const canary = "Tr0ub4dor-canary"

// testNow is the current time in these tests.
func testNow() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

func testKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func testCertificate(t *testing.T, key *ecdsa.PrivateKey, from, until time.Duration) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop.example"},
		NotBefore: testNow().Add(from), NotAfter: testNow().Add(until),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// pfx returns the content of a PKCS #12 file with the password canary.
func pfx(t *testing.T, from, until time.Duration) string {
	t.Helper()
	key := testKey(t)
	content, err := pkcs12.Modern.Encode(key, testCertificate(t, key, from, until), nil, canary)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

const dayLong = 24 * time.Hour

func TestCertificates(t *testing.T) {
	t.Parallel()
	good := pfx(t, -dayLong, 365*dayLong)
	stranger, err := pkcs12.Legacy.Encode(testKey(t), testCertificate(t, testKey(t), -dayLong, 365*dayLong), nil, canary)
	if err != nil {
		t.Fatal(err)
	}
	keyless, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{testCertificate(t, testKey(t), -dayLong, 365*dayLong)}, canary)
	if err != nil {
		t.Fatal(err)
	}
	file, pass := "steps[0] certificate.file", "steps[0] certificate.password_file"
	for name, tc := range map[string]struct {
		certificate string
		password    string // content of the password file; "-" for none
		given       string // password in certificate_passwords; "" for none
		want        string // "" if there is no error
		warning     string
	}{
		"good":                    {good, canary, "", "", ""},
		"line end":                {good, canary + "\r\n", "", "", ""},
		"from the map":            {good, "-", canary, "", ""},
		"from both":               {good, canary, canary, "", ""},
		"both differ":             {good, canary, "x", pass + `: "certs/p" holds another password`, ""},
		"wrong":                   {good, "wrong", "", file + `: "certs/x.pfx" cannot be opened: the password is wrong`, ""},
		"wrong in the map":        {good, "-", "wrong", file + `: "certs/x.pfx" cannot be opened: the password is wrong`, ""},
		"no password":             {good, "-", "", file + `: "certs/x.pfx" needs a password`, ""},
		"empty password file":     {good, "\n", "", pass + `: "certs/p" is empty`, ""},
		"two lines":               {good, canary + "\nx", "", pass + `: "certs/p" has more than one line`, ""},
		"UTF-16":                  {good, "a\x00b\x00", "", pass + `: "certs/p" is not plain text`, ""},
		"control character":       {good, canary + "\x07", "", pass + `: "certs/p" holds a control character`, ""},
		"double quote":            {good, canary + `"`, "", pass + `: "certs/p" holds a double quote`, ""},
		"large password file":     {good, strings.Repeat("x", maxPasswordFileSize+1), "", pass + `: "certs/p" has more than 4096 bytes`, ""},
		"large":                   {strings.Repeat("x", maxPKCS12Size+1), canary, "", file + `: "certs/x.pfx" has more than 1048576 bytes`, ""},
		"no certificate at all":   {"hello", canary, "", file + `: "certs/x.pfx" is not a usable PKCS #12 file: it is damaged, has another format such as PEM`, ""},
		"no private key":          {string(keyless), canary, "", file + `: "certs/x.pfx" holds no private key`, ""},
		"key of another":          {string(stranger), canary, "", file + `: "certs/x.pfx" has a private key that does not belong to its certificate for "shop.example"`, ""},
		"expired":                 {pfx(t, -2*dayLong, -dayLong), canary, "", file + `: "certs/x.pfx" holds a certificate for "shop.example" that expired on 2026-11-24`, ""},
		"soon to expire":          {pfx(t, -dayLong, 29*dayLong), canary, "", "", `expires on 2026-12-24, in less than 30 days`},
		"a month left":            {pfx(t, -dayLong, 30*dayLong), canary, "", "", ""},
		"not valid yet":           {pfx(t, dayLong, 90*dayLong), canary, "", "", `not valid before 2026-11-26`},
		"expires at this instant": {pfx(t, -dayLong, 0), canary, "", "", "expires on 2026-11-25"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := &Certificate{File: "certs/x.pfx"}
			recipe := Recipe{
				OS: Windows, Files: map[string]string{"certs/x.pfx": tc.certificate}, Steps: []Step{{Certificate: step}},
				Inspection: &Inspection{Now: testNow()},
			}
			if tc.password != "-" {
				recipe.Files["certs/p"], step.PasswordFile = tc.password, "certs/p"
			}
			if tc.given != "" {
				recipe.Inspection.Passwords = map[string]string{"certs/x.pfx": tc.given}
			}
			archive, err := recipe.Build(t.Context(), io.Discard)
			checkOutcome(t, archive, err, tc.want, tc.warning)
		})
	}
}

func checkOutcome(t *testing.T, archive Archive, err error, want, warning string) {
	t.Helper()
	switch {
	case want != "":
		problems := problemsOf(t, err)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("the message holds the password: %v", err)
		}
	case err != nil:
		t.Error(err)
	case warning == "" && len(archive.Warnings) > 0:
		t.Errorf("got unexpected warnings: %v", archive.Warnings)
	case warning != "" && (len(archive.Warnings) != 1 || !strings.Contains(archive.Warnings[0].Error(), warning)):
		t.Errorf("the warnings are %v, want %q", archive.Warnings, warning)
	}
	if strings.Contains(archive.Manifest, canary) {
		t.Error("the manifest holds the password")
	}
}

// Certificates that no step names are opened if there is a password. Otherwise a
// warning names them.
func TestCertificatesWithoutStep(t *testing.T) {
	t.Parallel()
	files := map[string]string{"certs/x.pfx": pfx(t, -dayLong, 365*dayLong), "other/y.p12": "", "certs/ca.pem": ""}
	for name, tc := range map[string]struct {
		passwords     map[string]string
		want, warning string
	}{
		"no password":   {nil, "", `"certs/x.pfx" was not opened`},
		"right":         {map[string]string{"certs/x.pfx": canary}, "", ""},
		"wrong":         {map[string]string{"certs/x.pfx": "x"}, `certificate_passwords: "certs/x.pfx" cannot be opened`, ""},
		"of nothing":    {map[string]string{"certs/X.pfx": "x"}, `certificate_passwords: "certs/X.pfx" is not a file in the archive: it has "certs/x.pfx", and case counts`, ""},
		"folder forgot": {map[string]string{"x.pfx": "x"}, `certificate_passwords: "x.pfx" is not a file in the archive: it has "certs/x.pfx"`, ""},
	} {
		archive, err := Recipe{Files: files, Inspection: &Inspection{Now: testNow(), Passwords: tc.passwords}}.Build(t.Context(), io.Discard)
		t.Run(name, func(t *testing.T) { checkOutcome(t, archive, err, tc.want, tc.warning) })
	}
}

// No input makes the decoder panic, and no message contains the password.
func FuzzOpenPKCS12(f *testing.F) {
	f.Add([]byte("hello"))
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x03})
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := openPKCS12(t.Context(), content, canary); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%q gives %v", content, err)
		}
	})
}
