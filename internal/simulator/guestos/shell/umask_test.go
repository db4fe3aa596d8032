// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import "testing"

func TestUmask(t *testing.T) {
	t.Parallel()
	const modes = "; echo x > file; touch touched; mkdir folder; sh -c 'echo y > inner'; mkdir -m 755 exact; stat -c %a file touched folder inner exact"
	for script, want := range map[string]string{
		"umask":                                      "0022\n",
		"umask -S":                                   "u=rwx,g=rx,o=rx\n",
		"umask 022" + modes:                          "644\n644\n755\n644\n755\n",
		"umask 077; umask" + modes:                   "0077\n600\n600\n700\n600\n755\n",
		"umask u=rwx,g=rx,o=; umask":                 "0027\n",
		"umask 2; echo x > file; stat -c %a f*":      "664\n",
		"(umask 077; umask); umask":                  "0077\n0022\n",
		"f() { umask 077; }; f; umask":               "0077\n",
		"umask 077; sh -c umask; env | grep -c MASK": "0077\n0\n",
		"umask 99 2> /dev/null || umask":             "0022\n",
		"umask 077 && command -v umask":              "umask\n",
	} {
		if out, _ := newGuest(t).sh(t, script); out != want {
			t.Errorf("%q:\n got %q\nwant %q", script, out, want)
		}
	}
}
