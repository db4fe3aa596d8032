// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
)

// kindMember is the member in which JSON shows the kind of an object. It is no attribute.
const kindMember = "object"

// replace returns what stands in the place of an attribute.
type replace func(attribute) []attribute

func removeMember(attribute) []attribute { return nil }

// alterRows replaces a member in as many rows as the rule says, counted from the first row that has the member.
func (e envelope) alterRows(strike *fault.Strike, chance *rand.Rand, with replace) envelope {
	field := strike.Field
	if field == "" {
		field = e.drawMember(chance)
	}
	path, left := strings.Split(field, "."), strike.Rows
	e.list = slices.Clone(e.list)
	for i, row := range e.list {
		if left == 0 {
			break
		}
		if altered, found := row.alter(path, e.version, with); found {
			e.list[i] = altered
			left--
		}
	}
	return e
}

// drawMember draws one of the names that the members of the rows have; "" without rows.
func (e envelope) drawMember(chance *rand.Rand) string {
	var names []string
	for _, row := range e.list {
		for _, a := range row.shown(e.version) {
			if _, none := a.value.(absent); !none && !slices.Contains(names, a.name) {
				names = append(names, a.name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[chance.IntN(len(names))]
}

// alter returns a copy of the object in which the member at the path is replaced, and reports whether there is such a member in
// this version of the API. In a list within the object, every element counts.
func (o *object) alter(path []string, version int, with replace) (*object, bool) {
	if len(path) == 1 && path[0] == kindMember {
		return &object{attributes: append(slices.Clone(o.attributes), with(attribute{name: kindMember, value: o.kind})...)}, true
	}
	attributes, found := alterAttributes(o.attributes, path, version, with)
	return &object{kind: o.kind, kindAt: o.kindAt, attributes: attributes}, found
}

func alterAttributes(all []attribute, path []string, version int, with replace) ([]attribute, bool) {
	i := slices.IndexFunc(all, func(a attribute) bool { return a.name == path[0] && a.shownAt(version) })
	if i < 0 {
		return all, false
	}
	if _, none := all[i].value.(absent); none {
		return all, false
	}
	if len(path) == 1 {
		return slices.Concat(all[:i], with(all[i]), all[i+1:]), true
	}
	value, found := alterValue(all[i].value, path[1:], version, with)
	altered := slices.Clone(all)
	altered[i].value = value
	return altered, found
}

func alterValue(value any, path []string, version int, with replace) (any, bool) {
	switch v := value.(type) {
	case *object:
		return v.alter(path, version, with)
	case mapping:
		altered, found := alterAttributes(v, path, version, with)
		return mapping(altered), found
	case []*object:
		altered, found := slices.Clone(v), false
		for i, o := range v {
			made, hit := o.alter(path, version, with)
			altered[i], found = made, found || hit
		}
		return altered, found
	default:
		return value, false
	}
}

// valueOfOtherType draws a value whose JSON type is another one.
func valueOfOtherType(value any, chance *rand.Rand) any {
	nested := &object{kind: "option", attributes: []attribute{{name: "id", value: int64(1)}, {name: "name", value: "unexpected"}}}
	values := []any{int64(4711), "unexpected", nested, []*object{nested}}
	own := -1
	switch value.(type) {
	case int64, number, decimal:
		own = 0
	case string:
		own = 1
	case *object, mapping:
		own = 2
	case []*object:
		own = 3
	}
	if own >= 0 {
		values = slices.Delete(values, own, own+1)
	}
	return values[chance.IntN(len(values))]
}
