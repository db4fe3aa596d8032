// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"testing"

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
				t.Errorf("%s: %q is rejected: %v", name, text, err)
			}
		}
		for _, text := range tc.bad {
			if tc.rule.Check(text) == nil {
				t.Errorf("%s: %q is accepted, want an error", name, text)
			}
		}
	}
}
