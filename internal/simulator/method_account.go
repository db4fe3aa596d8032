// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

func accountMethods() []method {
	return []method{
		{"common.lookup.list", allRoles(), []string{"lookup", "sort", "asc", "num_items", "page"}, listLookup},
		{"myaccount.billing.get", billingRoles(), nil, getBill},
	}
}

func listLookup(c *call) (result, error) {
	name := c.params.required("lookup")
	less, err := c.lookupOrder()
	if err != nil {
		return result{}, err
	}
	options, found := c.grid.catalog.list(name)
	if !found {
		return result{}, invalid("Parameter 'lookup' is '%s': it must be 'lookups', or the id or the name of a lookup.", name)
	}
	slices.SortStableFunc(options, less)
	return paged(c.params, 0, options, func(o *option) *wire.Object { return o.object })
}

func (c *catalog) list(name string) (options []*option, found bool) {
	directory := &lookup{}
	for _, l := range c.all {
		directory.options = append(directory.options, l.option)
	}
	if strings.EqualFold(name, "lookups") {
		return directory.options, true
	}
	chosen := directory.find(name)
	for _, l := range c.all {
		if l.option == chosen {
			return slices.Clone(l.options), true
		}
	}
	return nil, false
}

func (c *call) lookupOrder() (func(a, b *option) int, error) {
	sort, _ := c.params.text("sort")
	asc, _ := c.params.text("asc")
	orders := map[string]func(a, b *option) int{
		"":            func(a, b *option) int { return 0 },
		"id":          func(a, b *option) int { return cmp.Compare(a.id, b.id) },
		"name":        func(a, b *option) int { return cmp.Compare(a.name, b.name) },
		"description": func(a, b *option) int { return cmp.Compare(a.description, b.description) },
	}
	order, known := orders[strings.ToLower(sort)]
	if !known {
		c.params.fail("Parameter 'sort' is '%s': it must be id, name or description.", sort)
	}
	switch strings.ToLower(asc) {
	case "", "asc", "true", "1":
		return order, c.params.err
	case "desc", "false", "0":
		return func(a, b *option) int { return order(b, a) }, c.params.err
	}
	c.params.fail("Parameter 'asc' is '%s': it must be asc, true, 1, desc, false or 0.", asc)
	return nil, c.params.err
}

func getBill(c *call) (result, error) { return one(c.account.billView(c.now)), nil }
