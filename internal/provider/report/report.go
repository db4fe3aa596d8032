// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package report holds the errors and warnings that the provider's logic reports
// about an object or one of its attributes. It lets packages such as machine be used
// and tested without Terraform's diagnostics; tf.Diagnostics converts problems.
package report

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Problem is an error or a warning for the user.
type Problem struct {
	Attribute path.Path // attribute that causes the problem; empty if no attribute does
	Summary   string    // what failed, on which object
	Detail    string    // the cause, and what the user can do next
	IsWarning bool      // false for an error
}

// Error returns an error about an attribute, or about the whole object if the path
// is empty.
func Error(attribute path.Path, summary, detail string) Problem {
	return Problem{Attribute: attribute, Summary: summary, Detail: detail}
}

// Warning returns a warning about an attribute, or about the whole object if
// the path is empty.
func Warning(attribute path.Path, summary, detail string) Problem {
	return Problem{Attribute: attribute, Summary: summary, Detail: detail, IsWarning: true}
}

// List holds problems in the order in which they were found. The zero value is an
// empty list.
type List []Problem

// Add appends problems to the list.
func (l *List) Add(problems ...Problem) { *l = append(*l, problems...) }

// AddError appends an error; see Error.
func (l *List) AddError(attribute path.Path, summary, detail string) {
	l.Add(Error(attribute, summary, detail))
}

// AddWarning appends a warning; see Warning.
func (l *List) AddWarning(attribute path.Path, summary, detail string) {
	l.Add(Warning(attribute, summary, detail))
}

// HasError reports whether the list contains an error.
func (l List) HasError() bool {
	return slices.ContainsFunc(l, func(p Problem) bool { return !p.IsWarning })
}
