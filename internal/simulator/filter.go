// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

func filter[T any](all []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range all {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

func views[T any](all []T, view func(T) *wire.Object) []*wire.Object {
	made := make([]*wire.Object, len(all))
	for i, item := range all {
		made[i] = view(item)
	}
	return made
}

// matchesOption reports whether an id matches an optional filter. A nil filter matches every id.
func matchesOption(id int, filter *option) bool { return filter == nil || filter.id == id }

// matchesAny reports whether an id matches one of the filters. An empty list matches every id.
func matchesAny(id int, filter []*option) bool {
	return len(filter) == 0 || slices.ContainsFunc(filter, func(o *option) bool { return o.id == id })
}
