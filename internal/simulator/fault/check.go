// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// check returns all problems of a rule that withDefaults returned. Each problem names the member and the allowed values.
func (r Rule) check(methods []string) error {
	var problems []error
	refuse := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if r.Method != "*" && !slices.Contains(methods, r.Method) {
		refuse("method is %q: it must be * or one of %s", r.Method, strings.Join(methods, ", "))
	}
	if !slices.Contains(Kinds(), r.Kind) {
		refuse("kind is %q: it must be one of %q", r.Kind, Kinds())
	}
	if !slices.Contains(whens[:], r.When) {
		refuse("when is %q: it must be one of %q", r.When, whens)
	}
	if r.Times < -1 {
		refuse("times is %d: it must be at least 1, or -1 for no limit", r.Times)
	}
	if r.Skip < 0 {
		refuse("skip is %d: it must be at least 0", r.Skip)
	}
	if !(r.Probability >= 0 && r.Probability <= 1) {
		refuse("probability is %v: it must be from 0 to 1", r.Probability)
	}
	if r.Status != 0 && (r.Status < 200 || r.Status > 599) {
		refuse("status is %d: it must be an HTTP status from 200 to 599", r.Status)
	}
	if r.Delay < 0 || (r.Kind == Delay || r.Kind == SlowBody) && r.Delay == 0 {
		refuse("delay is %v: it must be a positive duration, for example 3s", time.Duration(r.Delay))
	}
	return errors.Join(append(problems, r.checkOptions()...)...)
}

// checkOptions checks the options that only some kinds take. It does not check status: rules of any kind may have a status.
func (r Rule) checkOptions() []error {
	var problems []error
	for _, option := range []struct {
		name    string
		given   bool
		good    bool
		value   any
		allowed string
	}{
		{"field", r.Field != "", goodPath(r.Field), r.Field, "a member, or a path of members such as ip.state.name, made of the names " + strings.Join(names, ", ")},
		{"rows", r.Rows != 0, r.Rows >= -1, r.Rows, "a number of rows, or -1 for all"},
		{"keep", r.Keep != 0, r.Keep >= -1, r.Keep, "a number of rows, or -1 for none"},
		{"totals", r.Totals != "", slices.Contains(totals[:], r.Totals), r.Totals, fmt.Sprintf("one of %q", totals)},
		{"age", r.Age != 0, r.Age > 0, time.Duration(r.Age), "a positive duration of grid time, for example 90s"},
		{"size", r.Size != 0, r.Size > 0 && r.Size <= largestSize, int64(r.Size), "a number of bytes up to 64GiB, for example 50MiB"},
	} {
		takers := takersOf(option.name)
		switch {
		case !option.given:
		case !slices.Contains(takers, r.Kind):
			problems = append(problems, fmt.Errorf("%s is given for kind %q, but only the kinds %q take it", option.name, r.Kind, takers))
		case !option.good:
			problems = append(problems, fmt.Errorf("%s is %s: it must be %s", option.name, quoted(option.value), option.allowed))
		}
	}
	return problems
}

// takersOf returns the kinds that take an option.
func takersOf(option string) []Kind {
	var takers []Kind
	for _, t := range traits {
		if slices.Contains(t.options, option) {
			takers = append(takers, t.kind)
		}
	}
	return takers
}

func quoted(value any) string {
	switch v := value.(type) {
	case string, Totals:
		return fmt.Sprintf("%q", v)
	default:
		return fmt.Sprint(v)
	}
}
