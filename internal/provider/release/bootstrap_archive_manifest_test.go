// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"archive/zip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
)

const archiveCanary = "S3cret-canary"

// plantCertificate creates a folder with certs/site.pfx. The password is archiveCanary,
// and the certificate expires after the given time.
func plantCertificate(t *testing.T, files map[string]string, validFor time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop.example"},
		NotBefore: archiveNow().Add(-1000 * time.Hour), NotAfter: archiveNow().Add(validFor),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	content, err := pkcs12.Modern.Encode(key, certificate, nil, archiveCanary)
	if err != nil {
		t.Fatal(err)
	}
	files["certs/site.pfx"] = string(content)
	return plantFiles(t, files)
}

func certificateStep(passwordFile any) tftypes.Value {
	return archiveStep("certificate", map[string]any{"file": "certs/site.pfx", "password_file": passwordFile})
}

func TestBootstrapArchiveManifest(t *testing.T) {
	t.Parallel()
	dir := plantCertificate(t, map[string]string{
		"app/x": "", "setup.cmd": "rem\r\n", bootstrap.IgnoreName: "*.log\n", "a.log": "", "certs/site.pass": archiveCanary + "\n",
	}, 1000*time.Hour)
	file := filepath.Join(t.TempDir(), "app.zip")
	config := archiveConfig{
		"source_dir": archiveText(dir), "os": archiveText("windows"), "version": archiveText("2.4"), "output_path": archiveText(file),
		"manifest": archiveManifest(
			archiveStep("install", map[string]any{"from": "app", "to": "C:/site"}),
			certificateStep("certs/site.pass"),
			archiveStep("run", map[string]any{"script": "setup.cmd", "args": []any{"a b", ""}, "timeout": "1m30s"}, archiveConfig{"on_error": archiveText("continue")}),
			archiveStep("service", map[string]any{"name": "W3SVC", "action": "restart"}, archiveConfig{"when": archiveText("every_boot")}),
		),
	}
	if diagnostics := validateArchive(t, config); len(diagnostics) > 0 {
		t.Fatal(briefDiagnostics(diagnostics))
	}
	state, diagnostics := readArchive(t, config)
	if len(diagnostics) > 0 {
		t.Fatal(briefDiagnostics(diagnostics))
	}
	var release string
	if err := state["release"].As(&release); err != nil {
		t.Fatal(err)
	}
	text := readManifest(t, file)
	manifest, err := bootstrap.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	if manifest.Release != release || !strings.HasPrefix(release, "2.4-") || len(manifest.Files) != 4 {
		t.Errorf("the release is %q, the manifest\n%s", release, text)
	}
	for _, line := range []string{
		`{"install":{"from":"app","to":"C:\\site"},"on_error":"stop","when":"on_change"}`,
		`{"certificate":{"file":"certs/site.pfx","password_file":"certs/site.pass","store":"My"},"on_error":"stop","when":"on_change"}`,
		`{"run":{"script":"setup.cmd","args":["a b",""],"timeout_seconds":90},"on_error":"continue","when":"on_change"}`,
		`{"service":{"name":"W3SVC","action":"restart"},"on_error":"stop","when":"every_boot"}`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("the manifest lacks %s:\n%s", line, text)
		}
	}
	if strings.Contains(fmt.Sprint(state), archiveCanary) {
		t.Error("the state holds the password")
	}
}

// readManifest returns the text of the manifest in an archive.
func readManifest(t *testing.T, file string) string {
	t.Helper()
	archive, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }() // opened for reading only
	manifest, err := archive.Open(bootstrap.ManifestName)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = manifest.Close() }()
	text, err := io.ReadAll(manifest)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBootstrapArchiveRefusesSteps(t *testing.T) {
	t.Parallel()
	dir := plantFiles(t, map[string]string{"app/x": "", "run.sh": "#!/bin/sh\n"})
	const steps = `AttributeName("manifest").AttributeName("steps")`
	service := archiveStep("service", map[string]any{"name": "x", "action": "start"})
	for name, tc := range map[string]struct {
		config archiveConfig
		want   []string
	}{
		"without system": {
			archiveConfig{"os": archiveText(nil), "manifest": archiveManifest(service)},
			[]string{`AttributeName("os"): There are steps, and what they may do depends on the operating system`},
		},
		"missing files": {
			archiveConfig{"manifest": archiveManifest(service,
				archiveStep("install", map[string]any{"from": "App", "to": "/srv/x"}), archiveStep("run", map[string]any{"script": "missing.sh"}))},
			[]string{
				steps + `.ElementKeyInt(1).AttributeName("install").AttributeName("from"): The archive has no folder "App" with files in it: it has "app"`,
				steps + `.ElementKeyInt(2).AttributeName("run").AttributeName("script"): The archive has no file "missing.sh"`,
			},
		},
		"nothing to do": {
			archiveConfig{"manifest": archiveManifest(archiveStep("run", nil, archiveConfig{"run": tftypes.NewValue(archiveStepType().AttributeTypes["run"], nil)}))},
			[]string{steps + ".ElementKeyInt(0): The step does nothing: give it one of install"},
		},
		"null step": {
			archiveConfig{"manifest": archiveManifest(tftypes.NewValue(archiveStepType(), nil))},
			[]string{steps + ".ElementKeyInt(0): The step is null"},
		},
		"part of a second": {
			archiveConfig{"manifest": archiveManifest(archiveStep("run", map[string]any{"script": "run.sh", "timeout": "1500ms"}))},
			[]string{steps + `.ElementKeyInt(0).AttributeName("run").AttributeName("timeout"): "1500ms" must be a number of whole seconds`},
		},
		"long timeout": {
			archiveConfig{"manifest": archiveManifest(archiveStep("run", map[string]any{"script": "run.sh", "timeout": "25h"}))},
			[]string{steps + `.ElementKeyInt(0).AttributeName("run").AttributeName("timeout"): The timeout is 90000 seconds`},
		},
		"null argument": {
			archiveConfig{"manifest": archiveManifest(archiveStep("run", map[string]any{"script": "run.sh", "args": []any{"a", nil}}))},
			[]string{steps + `.ElementKeyInt(0).AttributeName("run").AttributeName("args").ElementKeyInt(1): The argument is null`},
		},
		"version": {
			archiveConfig{"version": archiveText("a/b")},
			[]string{`AttributeName("version"): The version "a/b" has '/' at position 2`},
		},
		"manifest's place": {
			archiveConfig{"files": archiveTextMap(map[string]any{"bootstrap.json": ""})},
			[]string{`AttributeName("files").ElementKeyString("bootstrap.json"): "bootstrap.json" takes the place of the manifest`},
		},
		"line ends": {
			archiveConfig{"os": archiveText("windows"), "files": archiveTextMap(map[string]any{"x.cmd": "a\n"})},
			[]string{`AttributeName("files").ElementKeyString("x.cmd"): "x.cmd" line 1 ends in LF alone`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := archiveConfig{"source_dir": archiveText(dir), "os": archiveText("linux")}
			for attribute, value := range tc.config {
				config[attribute] = value
			}
			_, diagnostics := readArchive(t, config)
			checkDiagnostics(t, diagnostics, tc.want)
		})
	}
}

// The data source checks a known step even if other values are unknown.
func TestBootstrapArchiveValidatesSteps(t *testing.T) {
	t.Parallel()
	unknown := archiveStep("install", map[string]any{"from": tftypes.UnknownValue, "to": "/"})
	relative := archiveStep("install", map[string]any{"from": "app", "to": "srv"})
	const place = `AttributeName("manifest").AttributeName("steps").ElementKeyInt(1).AttributeName("install").AttributeName("to")`
	for name, tc := range map[string]struct {
		config archiveConfig
		want   []string
	}{
		"known after unknown": {
			archiveConfig{"os": archiveText("linux"), "manifest": archiveManifest(unknown, relative)},
			[]string{place + `: "srv" is not an absolute path on Linux`},
		},
		"unknown system":   {archiveConfig{"os": archiveText(tftypes.UnknownValue), "manifest": archiveManifest(relative)}, nil},
		"unknown manifest": {archiveConfig{"manifest": tftypes.NewValue(archiveAttributeTypes()["manifest"], tftypes.UnknownValue)}, nil},
		"enumerations": {
			archiveConfig{"os": archiveText("vms"), "manifest": archiveManifest(
				archiveStep("service", map[string]any{"name": "x", "action": "kill"}, archiveConfig{"on_error": archiveText("x"), "when": archiveText("x")}))},
			nil, // the framework's validators choose the words of these errors
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := archiveConfig{"source_dir": archiveText("missing")}
			for attribute, value := range tc.config {
				config[attribute] = value
			}
			diagnostics := validateArchive(t, config)
			if name == "enumerations" {
				if len(diagnostics) < 4 {
					t.Error(briefDiagnostics(diagnostics))
				}
				return
			}
			checkDiagnostics(t, diagnostics, tc.want)
		})
	}
}

// No diagnostic, state or manifest may contain a right or wrong password.
func TestBootstrapArchiveCertificates(t *testing.T) {
	t.Parallel()
	passwords := func(password string) tftypes.Value {
		return archiveTextMap(map[string]any{"certs/site.pfx": password})
	}
	const file = `AttributeName("manifest").AttributeName("steps").ElementKeyInt(0).AttributeName("certificate").AttributeName("file")`
	for name, tc := range map[string]struct {
		validFor time.Duration
		config   archiveConfig
		want     []string
	}{
		"right":       {1000 * time.Hour, archiveConfig{"certificate_passwords": passwords(archiveCanary), "manifest": archiveManifest(certificateStep(nil))}, nil},
		"wrong":       {1000 * time.Hour, archiveConfig{"certificate_passwords": passwords("x" + archiveCanary), "manifest": archiveManifest(certificateStep(nil))}, []string{file + `: "certs/site.pfx" cannot be opened: the password is wrong`}},
		"file wrong":  {1000 * time.Hour, archiveConfig{"manifest": archiveManifest(certificateStep("wrong"))}, []string{file + `: "certs/site.pfx" cannot be opened: the password is wrong`}},
		"expired":     {-time.Hour, archiveConfig{"certificate_passwords": passwords(archiveCanary), "manifest": archiveManifest(certificateStep(nil))}, []string{file + `: "certs/site.pfx" holds a certificate for "shop.example" that expired on 2026-11-25`}},
		"soon":        {24 * time.Hour, archiveConfig{"certificate_passwords": passwords(archiveCanary), "manifest": archiveManifest(certificateStep(nil))}, []string{file + `: "certs/site.pfx" holds a certificate for "shop.example" that expires on 2026-11-26`}},
		"no step":     {-time.Hour, archiveConfig{"certificate_passwords": passwords(archiveCanary)}, []string{`AttributeName("certificate_passwords").ElementKeyString("certs/site.pfx"): "certs/site.pfx" holds a certificate`}},
		"not opened":  {time.Hour, nil, []string{`AttributeName("source_dir"): "certs/site.pfx" was not opened`}},
		"null is not": {time.Hour, archiveConfig{"certificate_passwords": archiveTextMap(map[string]any{"x": nil})}, []string{`AttributeName("source_dir"): "certs/site.pfx" was not opened`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := archiveConfig{"os": archiveText("windows")}
			for attribute, value := range tc.config {
				config[attribute] = value
			}
			config["source_dir"] = archiveText(plantCertificate(t, map[string]string{"wrong": "y" + archiveCanary}, tc.validFor))
			state, diagnostics := readArchive(t, config)
			checkDiagnostics(t, diagnostics, tc.want)
			isWarning := name == "soon" || name == "not opened" || name == "null is not"
			for _, d := range diagnostics {
				if (d.Severity == tfprotov6.DiagnosticSeverityWarning) != isWarning {
					t.Errorf("the severity is %v, want a warning: %t", d.Severity, isWarning)
				}
			}
			if text := fmt.Sprint(state) + briefDiagnostics(diagnostics); strings.Contains(text, archiveCanary) {
				t.Errorf("the password is visible in\n%s", text)
			}
		})
	}
}
