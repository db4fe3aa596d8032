// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// LatestVersion is the minor number of the last version of the API, 1.9.
const LatestVersion = 9

// Object is a row of a response, or an object nested in a row. An object must not change after a response contains it, so that it
// can be encoded without the grid's lock.
type Object struct {
	// Kind is the value of the JSON member "object", and the name of the object in XML. If it is "", JSON has no such member.
	Kind       string
	Attributes []Attribute
	// KindAt is the number of attributes before the kind in JSON; 0 puts the kind last.
	KindAt int

	cache *cache // nil if the JSON is not cached
}

// Attribute is a named value of an object. The type of Value is one of string, int64, bool, Number, Decimal, Null, Absent,
// Date, *Object, []*Object and Mapping.
type Attribute struct {
	Name  string
	Value any
	// Since is the first minor API version that shows the attribute.
	Since int
	// Until is the first minor API version that no longer shows the attribute; 0 means that all later versions show it.
	Until int
}

// ShownAt reports whether a minor API version shows the attribute.
func (a Attribute) ShownAt(version int) bool {
	return a.Since <= version && (a.Until == 0 || version < a.Until)
}

// Number is a number that is written without a fraction if it is whole. Prices are Numbers.
type Number float64

// Decimal is a number that is always written with a fraction. The number of cores is a Decimal.
type Decimal float64

// Null is a value that is null in JSON and empty in XML and CSV. The service wrote null in options, job details and the billing
// summary.
type Null struct{}

// Absent is the value of an attribute that JSON responses omit and that is empty in XML and CSV responses.
type Absent struct{}

// Mapping is a map with arbitrary names, such as the detail of a job.
type Mapping []Attribute

// cache holds the JSON of an object, one text per minor API version.
type cache [LatestVersion + 1]atomic.Pointer[[]byte]

// Cached makes the object cache its JSON, and returns the object. Use it for objects that many responses contain.
func (o *Object) Cached() *Object {
	o.cache = new(cache)
	return o
}

// Shown returns the attributes that responses of a minor API version contain.
func (o *Object) Shown(version int) []Attribute {
	for i := range o.Attributes {
		if !o.Attributes[i].ShownAt(version) {
			return visible(o.Attributes, version)
		}
	}
	return o.Attributes
}

// members returns the JSON members of the object in a minor API version: the attributes and the kind.
func (o *Object) members(version int) []Attribute {
	shown := o.Shown(version)
	if o.Kind == "" { // a fault rule has removed the kind
		return shown
	}
	at := cmp.Or(o.KindAt, len(shown))
	return slices.Concat(shown[:at], []Attribute{{Name: "object", Value: o.Kind}}, shown[at:])
}

func visible(all []Attribute, version int) []Attribute {
	kept := make([]Attribute, 0, len(all))
	for _, a := range all {
		if a.ShownAt(version) {
			kept = append(kept, a)
		}
	}
	return kept
}

// Text returns the value for a text attribute: s, or Absent if s is empty.
func Text(s string) any {
	if s == "" {
		return Absent{}
	}
	return s
}
