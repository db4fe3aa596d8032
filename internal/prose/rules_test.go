// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"strings"
	"testing"
)

func TestCheckAllowsExceptions(t *testing.T) {
	t.Parallel()
	rules, err := parse(plant("no~body\tname the actor"), plant("~~user no~body\tthe Unix user\nno~body:x:99  the same"))
	if err != nil {
		t.Fatal(err)
	}
	content := plant("It runs as user no~body.\nNo~body knows user root.\n")
	found := check(t, rules, "page.md", content)
	if len(found) != 1 || !strings.HasPrefix(found[0], "page.md:2: ") {
		t.Errorf("found %q, want only line 2", found)
	}
	if unused := rules.Unused(); len(unused) != 1 || unused[0] != plant("no~body:x:99") {
		t.Errorf("Unused() = %q, want the second exception", unused)
	}
}

func TestParseReportsBadEntries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ banned, allowed, want string }{
		"no advice":      {"# comment\n\nphrase", "", "banned.txt:3: "},
		"bad expression": {"(\tadvice", "", "banned.txt:1: "},
		"no reason":      {"", "text", "allowed.txt:1: "},
	} {
		if _, err := parse(test.banned, test.allowed); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: parse() = %v, want an error at %s", name, err, test.want)
		}
	}
}
