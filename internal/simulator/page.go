// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"

// result is the result of a method: the rows and the numbers of the summary.
type result struct {
	list  []*wire.Object
	total int
	start int
	pages int
}

// one returns the result of a method that returns a single object.
func one(o *wire.Object) result { return result{list: []*wire.Object{o}, total: 1} }

func whole(list []*wire.Object) result { return result{list: list, total: len(list)} }

// paged returns the requested page of all matching objects, and creates only
// the views of that page. The parameter page counts from 0. Without num_items,
// page is ignored and the page has the method's default size. Size 0 means that
// the response holds the whole list. A page after the last page is empty.
func paged[T any](p *params, defaultSize int, all []T, view func(T) *wire.Object) (result, error) {
	size, given := p.integer("num_items", 0)
	page, _ := p.integer("page", 0)
	if p.err != nil {
		return result{}, p.err
	}
	if !given || size == 0 {
		size, page = defaultSize, 0
	}
	r := result{total: len(all)}
	part := all
	if size > 0 {
		size = min(size, max(len(all), 1)) // a larger size selects the same rows, but could overflow below
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
