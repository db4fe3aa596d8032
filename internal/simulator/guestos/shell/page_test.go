// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

var (
	guideRow    = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.*) \\|$")
	guideOption = regexp.MustCompile("`-([A-Za-z0-9]+)`")
)

// Programs accept every option that the guide lists.
func TestGuideNamesKnownOptions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../templates/guides/simulated-servers.md")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuest(t)
	checked := 0
	for _, row := range guideRow.FindAllStringSubmatch(string(text), -1) {
		if shell.Standard()[row[1]] == nil || row[1] == "find" || row[1] == "date" {
			continue
		}
		for _, options := range guideOption.FindAllStringSubmatch(row[2], -1) {
			for _, letter := range options[1] {
				out, _ := g.sh(t, fmt.Sprintf("%s -%c 2>&1 < /dev/null", row[1], letter))
				if strings.Contains(out, "invalid option") || strings.Contains(out, "not known") {
					t.Errorf("%s does not accept -%c: %s", row[1], letter, out)
				}
				checked++
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d options are checked", checked)
	}
}
