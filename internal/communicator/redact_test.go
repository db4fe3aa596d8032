// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lines from commands must not contain secrets in base64 or hex, or terminal
// control sequences.
func TestLinesOfCommands(t *testing.T) {
	t.Parallel()
	const file = "user=deploy\npassword=correct horse battery staple\nand a long third line of the file\n"
	var shown []string
	sink := newSink(newRedactor([]string{file}), func(line string) { shown = append(shown, line) })
	lines := &lines{sink: sink}
	encoded := base64.StdEncoding.EncodeToString([]byte(file))
	for _, text := range []string{
		encoded[:76] + "\n" + encoded[76:] + "\n",
		"x " + base64.RawURLEncoding.EncodeToString([]byte("password=correct horse battery staple")) + "\n",
		hex.EncodeToString([]byte("correct horse")) + "\n",
		"10%\r20%\r\n",
		"\x1b]0;owned\a\u202Edone\u009b2J\x1b[0m\n",
	} {
		if _, err := lines.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"(secret)", "(secret)", "x (secret)", "(secret)", "10% 20%", "done"}, shown); diff != "" {
		t.Error(diff)
	}
}
