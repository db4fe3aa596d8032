// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package startup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLinuxServersReadPointers checks that the script's function entry finds
// each key of a full pointer, and never matches only part of a key.
func TestLinuxServersReadPointers(t *testing.T) {
	t.Parallel()
	_, after, _ := strings.Cut(linuxStartup, "\nentry() {\n")
	body, _, found := strings.Cut(after, "\n}\n")
	if !found {
		t.Fatal("the script has no function \"entry\"")
	}
	file := filepath.Join(t.TempDir(), "pointer.json")
	pointer := fullPointer(pointerTo("v1"))
	const read = `for key in release archive sha256 previous_release previous_archive previous_sha256 updated_by updated_at; do entry "$1" "$key"; done`
	want := strings.Join([]string{
		pointer.Release, pointer.Archive, pointer.SHA256, pointer.PreviousRelease, pointer.PreviousArchive, pointer.PreviousSHA256, pointer.UpdatedBy, pointer.UpdatedAt,
	}, "\n") + "\n"
	if err := os.WriteFile(file, []byte(pointer.Encode()), 0o600); err != nil {
		t.Fatal(err)
	}
	shells(t, func(t *testing.T, shell string) {
		script := "CR=$(printf '\\r')\nentry() {\n" + body + "\n}\n" + read
		output, err := exec.CommandContext(t.Context(), shell, "-euc", script, "sh", file).CombinedOutput()
		if err != nil || string(output) != want {
			t.Errorf("%v, the script reads\n%swant\n%s", err, output, want)
		}
	})
}
