// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"strings"
	"testing"
)

// FuzzRecipeChecks runs the plan-time checks of a recipe on any command. A refused
// command must be accepted once it is saved as the error advises, and the warnings
// about the prep step must not depend on the line ends.
func FuzzRecipeChecks(f *testing.F) {
	for _, text := range []string{
		"true", "true\r\n", "\ufefftrue", "\xff\xfet\x00", "\r", "cat <<E\nifconfig eth1 up\nE\n", "cat <<-'E' <<F\nx", "# passwd\npasswd root",
		"echo \\\r\n'ifup eth1'", `netsh interface ip set address "Private" static 10.0.0.2`, "sed -i s/a/b/ /etc/sysconfig/network-scripts/ifcfg-eth1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checks := func(text string) *Recipe { return &Recipe{PrepCommand: "gogrid-prep", Commands: []string{text}} }
		refused := CheckShellText(text) != nil
		if got := checks(text).checkShell().HasError(); got != refused {
			t.Errorf("%q as a command is refused: %t, as a text: %t", text, got, refused)
		}
		if !refused && strings.Contains(text, "\r\n") {
			t.Errorf("%q has a Windows line end, but is accepted", text)
		}
		saved := savedForLinux(text)
		if err := CheckShellText(saved); err != nil {
			t.Errorf("%q is refused after the repair: %v", saved, err)
		}
		unix, windows := checks(saved).PrepWarnings(), checks(strings.ReplaceAll(saved, "\n", "\r\n")).PrepWarnings()
		if !unix.Equal(windows) {
			t.Errorf("%q has the warnings %v, with Windows line ends %v", saved, unix, windows)
		}
	})
}

// savedForLinux returns the text without byte order marks and carriage returns.
func savedForLinux(text string) string {
	text = strings.ReplaceAll(text, "\r", "")
	for {
		before := len(text)
		for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\ufeff"} {
			text = strings.TrimPrefix(text, mark)
		}
		if len(text) == before {
			return text
		}
	}
}
