// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
)

// rowCheck collects the required attributes that a row of an answer lacks.
// Recorded answers of version 1.9 leave out an attribute only if its value is
// null: a description, a private address, a time, and the attributes that a
// server gets when it is provisioned. A row that lacks any other attribute is
// invalid, and its values must not be used.
type rowCheck struct {
	kind    string
	name    text
	id      integer
	missing []string
}

// require records a member as missing unless it is present. To save time, it
// joins the parts of the name only if the member is missing.
func (r *rowCheck) require(present bool, member ...string) {
	if !present {
		r.missing = append(r.missing, strings.Join(member, ""))
	}
}

// requireOption records an option as missing if it lacks its id or its name.
func (r *rowCheck) requireOption(option wireOption, member ...string) {
	if option.ID == 0 || option.Name == "" {
		r.require(false, member...)
	}
}

// err returns an error that names the missing members, or nil if the row is
// complete.
func (r *rowCheck) err() error {
	if len(r.missing) == 0 {
		return nil
	}
	return fmt.Errorf("the row of %s %q (id %d) lacks %s", r.kind, r.name, r.id, strings.Join(r.missing, ", "))
}
