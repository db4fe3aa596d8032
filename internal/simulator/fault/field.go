// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// kindMember is the JSON member with the kind of an object. It is not an attribute.
const kindMember = "object"

// replacement returns the attributes that take the place of the given attribute.
type replacement func(wire.Attribute) []wire.Attribute

func removeMember(wire.Attribute) []wire.Attribute { return nil }

// alterRows replaces a member in the first rows that have the member, up to the number of rows in the rule.
func alterRows(e wire.Envelope, strike *Strike, chance *rand.Rand, with replacement) wire.Envelope {
	field := strike.Field
	if field == "" {
		field = drawMember(e, chance)
	}
	path, left := strings.Split(field, "."), strike.Rows
	e.List = slices.Clone(e.List)
	for i, row := range e.List {
		if left == 0 {
			break
		}
		if altered, found := alterObject(row, path, e.Version, with); found {
			e.List[i] = altered
			left--
		}
	}
	return e
}

// drawMember returns the name of a random member of the rows; "" if there are no rows.
func drawMember(e wire.Envelope, chance *rand.Rand) string {
	var names []string
	for _, row := range e.List {
		for _, a := range row.Shown(e.Version) {
			if _, none := a.Value.(wire.Absent); !none && !slices.Contains(names, a.Name) {
				names = append(names, a.Name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[chance.IntN(len(names))]
}

// alterObject returns a copy of an object in which the member at a path is replaced. It reports whether this version of the API has
// such a member. If the path leads through a list, alterObject replaces the member in all elements.
func alterObject(o *wire.Object, path []string, version int, with replacement) (*wire.Object, bool) {
	if len(path) == 1 && path[0] == kindMember {
		return &wire.Object{Attributes: append(slices.Clone(o.Attributes), with(wire.Attribute{Name: kindMember, Value: o.Kind})...)}, true
	}
	attributes, found := alterAttributes(o.Attributes, path, version, with)
	return &wire.Object{Kind: o.Kind, KindAt: o.KindAt, Attributes: attributes}, found
}

func alterAttributes(all []wire.Attribute, path []string, version int, with replacement) ([]wire.Attribute, bool) {
	i := slices.IndexFunc(all, func(a wire.Attribute) bool { return a.Name == path[0] && a.ShownAt(version) })
	if i < 0 {
		return all, false
	}
	if _, none := all[i].Value.(wire.Absent); none {
		return all, false
	}
	if len(path) == 1 {
		return slices.Concat(all[:i], with(all[i]), all[i+1:]), true
	}
	value, found := alterValue(all[i].Value, path[1:], version, with)
	altered := slices.Clone(all)
	altered[i].Value = value
	return altered, found
}

func alterValue(value any, path []string, version int, with replacement) (any, bool) {
	switch v := value.(type) {
	case *wire.Object:
		return alterObject(v, path, version, with)
	case wire.Mapping:
		altered, found := alterAttributes(v, path, version, with)
		return wire.Mapping(altered), found
	case []*wire.Object:
		altered, found := slices.Clone(v), false
		for i, o := range v {
			made, hit := alterObject(o, path, version, with)
			altered[i], found = made, found || hit
		}
		return altered, found
	default:
		return value, false
	}
}

// valueOfOtherType returns a random value whose JSON type differs from the type of value.
func valueOfOtherType(value any, chance *rand.Rand) any {
	nested := &wire.Object{Kind: "option", Attributes: []wire.Attribute{{Name: "id", Value: int64(1)}, {Name: "name", Value: "unexpected"}}}
	values := []any{int64(4711), "unexpected", nested, []*wire.Object{nested}}
	own := -1
	switch value.(type) {
	case int64, wire.Number, wire.Decimal:
		own = 0
	case string:
		own = 1
	case *wire.Object, wire.Mapping:
		own = 2
	case []*wire.Object:
		own = 3
	}
	if own >= 0 {
		values = slices.Delete(values, own, own+1)
	}
	return values[chance.IntN(len(values))]
}
