// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package problem_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/problem"
)

type located struct {
	line int
	err  error
}

func (l located) Error() string { return fmt.Sprintf("line %d: %v", l.line, l.err) }
func (l located) Unwrap() error { return l.err }

func TestJoin(t *testing.T) {
	if err := problem.Join[located]("cannot be read", nil); err != nil {
		t.Errorf("Join without problems = %v, want nil", err)
	}
	err := problem.Join("cannot be read", []located{{1, errors.New("too long")}, {7, fs.ErrPermission}})
	if got, want := err.Error(), "cannot be read:\n- line 1: too long\n- line 7: permission denied"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Error("errors.Is does not find the cause of the second problem")
	}
	var first located
	if !errors.As(err, &first) || first.line != 1 {
		t.Errorf("errors.As found %+v, want the problem of line 1", first)
	}
	var invalid *problem.InvalidError[located]
	if !errors.As(fmt.Errorf("read config: %w", err), &invalid) || len(invalid.Problems) != 2 {
		t.Errorf("errors.As found %+v, want both problems", invalid)
	}
}
