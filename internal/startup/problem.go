// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/problem"
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

// InvalidError holds every problem of a configuration.
type InvalidError = problem.InvalidError[Problem]

// problems gathers what is wrong.
type problems []Problem

func (p *problems) add(err error, path ...any) {
	if err != nil {
		*p = append(*p, Problem{Path: path, Err: err})
	}
}

// err returns an *InvalidError, or nil if there are no problems.
func (p problems) err() error { return problem.Join("nothing can be rendered", p) }

// Key is a key of a map in the path of a Problem.
type Key string
