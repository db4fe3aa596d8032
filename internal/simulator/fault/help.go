// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"fmt"
	"strings"
)

const helpHead = `Fault rules spoil calls that are authenticated. A rule is a JSON object with
these members; the first rule that matches a call is applied, and used up:

  method       name of a method, such as grid.server.add, or * for all
  kind         what goes wrong, see below
  when         before (default): nothing has changed on the grid;
               after: the effect has happened, only the answer is wrong
  times        how many calls the rule spoils (default 1, or no limit if there
               is a probability; -1 for no limit)
  skip         how many matching calls pass first
  probability  chance that a matching call is spoilt, drawn from the seed
  delay        how long the host waits as well, for every kind

Kinds with their own members and an example:

`

const helpTail = `
From "empty" on, the answer is well-formed and has status 200, but is wrong, in
JSON, XML and CSV. The method runs if it only reads. A method that changes the
grid runs with "when":"after"; with "before" its answer is a success without
rows. With slow_body every method runs. A refusal by the method passes
unaltered, except that empty, bare and null_list claim success instead.
`

// Help describes rules and kinds for a terminal of 80 columns.
func Help() string {
	var b strings.Builder
	b.WriteString(helpHead)
	for _, t := range traits {
		fmt.Fprintf(&b, "  %s\n", t.kind)
		for line := range strings.Lines(strings.TrimPrefix(t.text, "\n") + "\n" + t.example + "\n") {
			b.WriteString("    " + line)
		}
	}
	b.WriteString(helpTail)
	return b.String()
}
