// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// object is what an answer shows: a kind and attributes in order. It is never changed once it is shown, so it may be encoded
// outside the grid's lock.
type object struct {
	kind       string
	attributes []attribute
	kindAt     int // how many attributes stand before the kind in JSON; 0 means all
	memo       *memo
}

// attribute has a value of one of these types: string, int64, bool, number, decimal, null, absent, date, *object, []*object, mapping.
type attribute struct {
	name  string
	value any
	since int // first minor API version that shows it
	until int // first minor API version that no longer shows it; 0 means that all later versions show it
}

func (a attribute) shownAt(version int) bool {
	return a.since <= version && (a.until == 0 || version < a.until)
}

// number is written without a fraction where it has none: prices.
type number float64

// decimal is always written with a fraction: cores.
type decimal float64

// null is written out in JSON. The service did so in options, job details and the billing summary.
type null struct{}

// absent is an attribute without a value: left out in JSON, empty in XML and CSV.
type absent struct{}

// date is null in JSON, and in the format of Java's Date.toString in XML and CSV: a billing summary of 2008 has "Sat Jul 12
// 00:00:00 PDT 2008".
type date moment

// mapping is a free map such as the detail of a job.
type mapping []attribute

// memo keeps the JSON of an object, one per minor API version.
type memo [latestVersion + 1]atomic.Pointer[[]byte]

// memoised makes the object remember its JSON; for objects that are shown again and again.
func (o *object) memoised() *object {
	o.memo = new(memo)
	return o
}

// shown are the attributes that a version of the API has.
func (o *object) shown(version int) []attribute {
	for i := range o.attributes {
		if !o.attributes[i].shownAt(version) {
			return visible(o.attributes, version)
		}
	}
	return o.attributes
}

// members are the JSON members that a version of the API has: the attributes and the kind.
func (o *object) members(version int) []attribute {
	shown := o.shown(version)
	if o.kind == "" { // a fault rule has dropped it
		return shown
	}
	at := cmp.Or(o.kindAt, len(shown))
	return slices.Concat(shown[:at], []attribute{{name: "object", value: o.kind}}, shown[at:])
}

func visible(all []attribute, version int) []attribute {
	kept := make([]attribute, 0, len(all))
	for _, a := range all {
		if a.shownAt(version) {
			kept = append(kept, a)
		}
	}
	return kept
}

// text is the value of a text attribute that is absent when empty.
func text(s string) any {
	if s == "" {
		return absent{}
	}
	return s
}
