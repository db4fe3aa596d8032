// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"strconv"
	"strings"
)

// selectable is an object that a call can select by id or name. Its shownID is 0 while the API shows no id.
type selectable interface {
	shownID() int64
	title() string
}

// selector is the parameter by which a call selects objects: id, name, or a third parameter that accepts both.
type selector struct {
	parameter string
	values    []string
	byID      bool
	byName    bool
}

// selector returns the selector of a call. The call must have exactly one of the parameters. either is the name of the parameter
// that accepts both ids and names.
func (p *params) selector(either string, byName bool) (selector, error) {
	var found []selector
	for _, s := range selectorsOf(either, byName) {
		if s.values = p.values[s.parameter]; len(s.values) > 0 {
			found = append(found, s)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	var names []string
	for _, s := range selectorsOf(either, byName) {
		names = append(names, "'"+s.parameter+"'")
	}
	return selector{}, invalid("Exactly one of the parameters %s must be given, but the call has %d of them.", strings.Join(names, ", "), len(found))
}

func selectorsOf(either string, byName bool) []selector {
	all := []selector{{parameter: "id", byID: true}}
	if either != "id" {
		all = append(all, selector{parameter: either, byID: true, byName: byName})
	}
	if byName {
		all = append(all, selector{parameter: "name", byName: true})
	}
	return all
}

// pick returns the selected objects, in the order of the selector's values. If a value can be an id or a name, an object with that
// id takes precedence.
func pick[T selectable](s selector, all []T) []T {
	var picked []T
	taken := make(map[int64]bool)
	for _, value := range s.values {
		for _, item := range match(s, value, all) {
			if item.shownID() == 0 || !taken[item.shownID()] {
				taken[item.shownID()] = true
				picked = append(picked, item)
			}
		}
	}
	return picked
}

func match[T selectable](s selector, value string, all []T) []T {
	if id, err := strconv.ParseInt(value, 10, 64); s.byID && err == nil && id > 0 {
		if i := slices.IndexFunc(all, func(item T) bool { return item.shownID() == id }); i >= 0 {
			return all[i : i+1]
		}
	}
	if !s.byName {
		return nil
	}
	var named []T
	for _, item := range all {
		if item.title() == value {
			named = append(named, item)
		}
	}
	return named
}

// selectMany returns the objects of a get call, which may select several
// objects. It ignores unknown values, unless all values are unknown.
func selectMany[T selectable](p *params, either string, byName bool, all []T) ([]T, error) {
	s, err := p.selector(either, byName)
	if err != nil {
		return nil, err
	}
	picked := pick(s, all)
	if len(picked) == 0 {
		return nil, noSuchObject()
	}
	return picked, nil
}

// selectOne returns the object of a call that accepts exactly one object. It
// returns an error for a name that several objects have.
func selectOne[T selectable](p *params, either string, byName bool, all []T) (chosen T, err error) {
	s, err := p.selector(either, byName)
	if err != nil {
		return chosen, err
	}
	if len(s.values) > 1 {
		return chosen, invalid("Parameter '%s' is given %d times: this method accepts only one object.", s.parameter, len(s.values))
	}
	picked := pick(s, all)
	switch len(picked) {
	case 0:
		return chosen, noSuchObject()
	case 1:
		return picked[0], nil
	default:
		return chosen, invalid("Parameter '%s' is '%s', which is the name of %d objects: select one by its id.", s.parameter, s.values[0], len(picked))
	}
}
