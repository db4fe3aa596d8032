// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"

// result is what a method answers with.
type result struct {
	list  []*wire.Object
	total int
	start int
	pages int
}

// one is the answer of add, edit, delete, power and save.
func one(o *wire.Object) result { return result{list: []*wire.Object{o}, total: 1} }

func whole(list []*wire.Object) result { return result{list: list, total: len(list)} }

// paged cuts the page out of all that matched and makes views of that part only. Without num_items a list is whole, unless the
// method has a standard page size; page counts from 0 and is ignored without num_items. A page past the end is empty.
func paged[T any](p *params, standard int, all []T, view func(T) *wire.Object) (result, error) {
	size, given := p.integer("num_items", 0)
	page, _ := p.integer("page", 0)
	if p.err != nil {
		return result{}, p.err
	}
	if !given || size == 0 {
		size, page = standard, 0
	}
	r := result{total: len(all)}
	part := all
	if size > 0 {
		size = min(size, max(len(all), 1)) // the same pages, and no sum below can overflow
		r.pages = (len(all) + size - 1) / size
		first := len(all)
		if page < r.pages {
			first = page * size
			r.start = first
		}
		part = all[first:min(first+size, len(all))]
	}
	r.list = make([]*wire.Object, len(part))
	for i, item := range part {
		r.list[i] = view(item)
	}
	return r, nil
}
