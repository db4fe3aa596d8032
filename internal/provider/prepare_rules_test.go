// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

func TestTextRulesOfPrepare(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule      tf.TextRule
		good, bad []string
	}{
		"destination": {
			destinationPath(),
			[]string{"/etc/motd", `C:\app\app.config`, "d:/app/app.config", "/with space", "/ü"},
			[]string{"", "motd", "./motd", "../motd", "~/motd", `\\share\file`, `C:app`, "/etc/", `C:\app\`, "/", "/a\x00b"},
		},
		"mode": {
			tf.FileMode(),
			[]string{"644", "0644", "0755", "0001", "777"},
			[]string{"", "0", "000", "0000", "0888", "rw-r--r--", "1777", "04755", "00644", "-644", "0o644", "7"},
		},
		"text": {tf.NotBlank("command"), []string{"true", " x "}, []string{"", " ", "\n\t", "a\x00b"}},
		"host key": {
			tf.HostKey(),
			[]string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmQXxQbJUjMKyhIUD3BLHkNXQ3pZZ6dPGfLtnOYIqbG", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"},
			[]string{"", "none", "ssh-ed25519"},
		},
		"certificates": {tf.PEMCertificates(), nil, []string{"", "none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}},
	} {
		for _, text := range tc.good {
			if err := tc.rule.Check(text); err != nil {
				t.Errorf("%s: %q is refused: %v", name, text, err)
			}
		}
		for _, text := range tc.bad {
			if tc.rule.Check(text) == nil {
				t.Errorf("%s: %q is taken", name, text)
			}
		}
	}
}

// TestBuildKeyStays: marks that images carry since before there were builds
// must be found again.
func TestBuildKeyStays(t *testing.T) {
	t.Parallel()
	model := func(triggers map[string]string) *myGSIImageModel {
		m := &myGSIImageModel{SandboxID: types.StringValue("700123"), RebuildTriggers: types.MapNull(types.StringType)}
		if triggers != nil {
			m.RebuildTriggers, _ = types.MapValueFrom(t.Context(), types.StringType, triggers)
		}
		return m
	}
	if got := model(nil).buildKey(); got != "515f540d7224" {
		t.Errorf("the key is %s", got)
	}
	if got := model(map[string]string{"b": "2", "a": "1"}).buildKey(); got != "3c70aee92f8a" {
		t.Errorf("the key with triggers is %s", got)
	}
	prepared := model(nil)
	prepared.PreparedDigest = types.StringValue("00")
	if prepared.buildKey() == model(nil).buildKey() {
		t.Error("a prepared image has the key of one that is not")
	}
}
