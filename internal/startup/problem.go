// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"strings"
)

// Problem is one reason why nothing can be rendered.
type Problem struct {
	// Path leads to the value: names of attributes, and positions in lists.
	Path []any
	// Err says what is wrong with it and what to do.
	Err error
}

// Error names the value and what is wrong.
func (p Problem) Error() string {
	var at strings.Builder
	for _, step := range p.Path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&at, "[%d]", step)
		default:
			if at.Len() > 0 {
				at.WriteByte('.')
			}
			fmt.Fprint(&at, step)
		}
	}
	return fmt.Sprintf("%s: %v", at.String(), p.Err)
}

// Unwrap gives access to the cause.
func (p Problem) Unwrap() error { return p.Err }

// InvalidError holds every problem that was found, so that one run is enough to
// mend them all.
type InvalidError struct {
	// Problems is never empty.
	Problems []Problem
}

// Error lists the problems, one a line.
func (e *InvalidError) Error() string {
	var b strings.Builder
	b.WriteString("nothing can be rendered:")
	for _, p := range e.Problems {
		b.WriteString("\n- ")
		b.WriteString(p.Error())
	}
	return b.String()
}

// Unwrap returns the problems one by one, for errors.Is and errors.As.
func (e *InvalidError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// problems gathers what is wrong.
type problems []Problem

func (p *problems) add(err error, path ...any) {
	if err != nil {
		*p = append(*p, Problem{Path: path, Err: err})
	}
}

func (p problems) asError() error {
	if len(p) == 0 {
		return nil
	}
	return &InvalidError{Problems: p}
}

// Key is a key of a map in the path of a Problem.
type Key string
