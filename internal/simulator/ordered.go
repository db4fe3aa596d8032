// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"slices"
)

// identified is an object with an id. Pending servers and balancers already
// have an id, but the API does not show the id.
type identified interface{ ident() int64 }

// ordered is a list of objects, sorted by id.
type ordered[T identified] struct{ items []T }

func (o *ordered[T]) search(id int64) (int, bool) {
	return slices.BinarySearchFunc(o.items, id, func(item T, id int64) int { return cmp.Compare(item.ident(), id) })
}

func (o *ordered[T]) add(item T) {
	i, _ := o.search(item.ident())
	o.items = slices.Insert(o.items, i, item)
}

func (o *ordered[T]) get(id int64) (item T, found bool) {
	i, found := o.search(id)
	if found {
		item = o.items[i]
	}
	return item, found
}

func (o *ordered[T]) remove(id int64) {
	if i, found := o.search(id); found {
		o.items = slices.Delete(o.items, i, i+1)
	}
}

// sort restores the order after items were added to the slice directly.
func (o *ordered[T]) sort() {
	slices.SortFunc(o.items, func(a, b T) int { return cmp.Compare(a.ident(), b.ident()) })
}
