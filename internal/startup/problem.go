// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/problem"
)

// Problem is one reason why a configuration cannot be rendered.
type Problem struct {
	// Path leads to the value. Its elements are attribute names (string), list
	// positions (int) and map keys (Key).
	Path []any
	// Err says what is wrong with the value and what to do.
	Err error
}

// Error returns the path of the value and Err.
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

// Unwrap returns Err.
func (p Problem) Unwrap() error { return p.Err }

// InvalidError holds every problem of a configuration.
type InvalidError = problem.InvalidError[Problem]

// problems collects the problems of a configuration.
type problems []Problem

func (p *problems) add(err error, path ...any) {
	if err != nil {
		*p = append(*p, Problem{Path: path, Err: err})
	}
}

// err returns an *InvalidError, or nil if there are no problems.
func (p problems) err() error { return problem.Join("nothing can be rendered", p) }

// Key is a map key in Problem.Path.
type Key string
