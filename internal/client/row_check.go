// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
)

// row checks that a row of an answer has what every complete row of its kind
// has. Recorded answers at version 1.9 leave out an attribute only where its
// value is null: a description, a private address, a time, and what a server
// does not have before it is provisioned. A row that lacks anything else is a
// broken answer, and says nothing about its object.
type row struct {
	kind    string
	name    text
	id      integer
	lacking []string
}

// needs records a missing member. Only then are the parts of its name joined.
func (r *row) needs(present bool, member ...string) {
	if !present {
		r.lacking = append(r.lacking, strings.Join(member, ""))
	}
}

// option notes an option without an id or a name.
func (r *row) option(option wireOption, member ...string) {
	if option.ID == 0 || option.Name == "" {
		r.needs(false, member...)
	}
}

// err is nil for a complete row.
func (r *row) err() error {
	if len(r.lacking) == 0 {
		return nil
	}
	return fmt.Errorf("the row of %s %q (id %d) lacks %s", r.kind, r.name, r.id, strings.Join(r.lacking, ", "))
}
