// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
)

// rowCheck checks that a row of an answer has what every complete row of its kind
// has. Recorded answers at version 1.9 leave out an attribute only where its
// value is null: a description, a private address, a time, and what a server
// does not have before it is provisioned. A row that lacks anything else is a
// broken answer, and says nothing about its object.
type rowCheck struct {
	kind    string
	name    text
	id      integer
	missing []string
}

// require records a missing member. Only then are the parts of its name joined.
func (r *rowCheck) require(present bool, member ...string) {
	if !present {
		r.missing = append(r.missing, strings.Join(member, ""))
	}
}

// requireOption notes an option without an id or a name.
func (r *rowCheck) requireOption(option wireOption, member ...string) {
	if option.ID == 0 || option.Name == "" {
		r.require(false, member...)
	}
}

// err is nil for a complete row.
func (r *rowCheck) err() error {
	if len(r.missing) == 0 {
		return nil
	}
	return fmt.Errorf("the row of %s %q (id %d) lacks %s", r.kind, r.name, r.id, strings.Join(r.missing, ", "))
}
