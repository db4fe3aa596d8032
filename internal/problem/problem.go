// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package problem collects what is wrong with an input, so that one run reports
// every mistake and not only the first.
//
// Each package that checks input defines its own problem type, which contains
// the position of the problem in the input. This package joins such problems
// into one error.
package problem

import "strings"

// InvalidError reports every problem of one input. P is the type of a single
// problem; errors.Is and errors.As reach the problems and their causes.
type InvalidError[P error] struct {
	// Summary is the first line of the message, without the colon after it.
	Summary string
	// Problems is never empty.
	Problems []P
}

// Error returns the summary, followed by one line for each problem.
func (e *InvalidError[P]) Error() string {
	var b strings.Builder
	b.WriteString(e.Summary + ":")
	for _, p := range e.Problems {
		b.WriteString("\n- " + p.Error())
	}
	return b.String()
}

// Unwrap returns all problems, for errors.Is and errors.As.
func (e *InvalidError[P]) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// Join returns an *InvalidError that holds the problems, or nil if there are
// none.
func Join[P error](summary string, problems []P) error {
	if len(problems) == 0 {
		return nil
	}
	return &InvalidError[P]{Summary: summary, Problems: problems}
}
