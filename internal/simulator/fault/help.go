// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"fmt"
	"strings"
)

const helpHead = `Fault rules affect authenticated calls. A rule is a JSON object with the
members below. The first rule that matches a call applies, and its use is
counted.

  method       name of a method, such as grid.server.add, or * for all
  kind         kind of the fault, see below
  when         before (default): the call changes nothing on the grid;
               after: the call has its effect, only the response is wrong
  times        number of calls that the rule affects (default 1, or no limit if
               there is a probability; -1 for no limit)
  skip         number of matching calls that pass first
  probability  probability that the rule affects a matching call; the draws
               depend on the seed
  delay        additional time that the host waits, for every kind

Kinds with their own members and an example:

`

const helpTail = `
The kinds from "empty" on send a wrong response that is well-formed and has
status 200, in JSON, XML and CSV. A method that only reads always runs. A method
that changes the grid runs with "when":"after"; with "before" its response is a
success without rows. With slow_body every method runs. If a method fails, its
error response is sent unchanged, except that empty, bare and null_list replace
it with a success.
`

// Help returns a description of rules and kinds for a terminal of 80 columns.
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
