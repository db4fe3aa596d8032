// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
)

// row checks that a row of an answer has what every complete row of its kind
// has. Recorded answers at version 1.9 leave out an attribute only where its
// value is null: a description, a private address, and what a server does not
// have before it is provisioned. A row that lacks anything else is a broken
// answer, and says nothing about its object.
type row struct {
	object  string
	lacking []string
}

// needs notes a member that is not there.
func (r *row) needs(member string, present bool) {
	if !present {
		r.lacking = append(r.lacking, member)
	}
}

// option notes an option without a name. Its id may be absent.
func (r *row) option(member string, option wireOption) { r.needs(member, option.Name != "") }

// err is nil for a complete row.
func (r *row) err() error {
	if len(r.lacking) == 0 {
		return nil
	}
	return fmt.Errorf("a row of %s lacks %s", r.object, strings.Join(r.lacking, ", "))
}
