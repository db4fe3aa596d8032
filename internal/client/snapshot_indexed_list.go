// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

// indexedList is a list with an index by key. It never changes an item but
// replaces it, so readers may keep items.
type indexedList[T any] struct {
	keys  func(*T) []string
	items []*T
	index map[string]*T
	// flat holds copies of the items for readers. It is nil after a change,
	// until the next read.
	flat []T
}

func newIndexedList[T any](items []T, keys func(*T) []string) *indexedList[T] {
	r := &indexedList[T]{keys: keys, items: make([]*T, 0, len(items)), index: make(map[string]*T, 2*len(items))}
	for i := range items {
		r.add(&items[i])
	}
	r.flat = items
	return r
}

// all returns the items in the order in which the service listed them, with
// added items last.
func (r *indexedList[T]) all() []T {
	if r.flat == nil {
		r.flat = make([]T, 0, len(r.items))
		for _, item := range r.items {
			r.flat = append(r.flat, *item)
		}
	}
	return r.flat
}

func (r *indexedList[T]) get(key string) *T { return r.index[key] }

func (r *indexedList[T]) add(item *T) {
	r.items = append(r.items, item)
	for _, key := range r.keys(item) {
		r.index[key] = item
	}
	r.flat = nil
}

// replace replaces the item with a key, if there is one.
func (r *indexedList[T]) replace(key string, item *T) {
	if old := r.index[key]; old != nil {
		r.swap(old, item)
	}
}

// put replaces the first item that shares a key with the new item, or appends the
// new item.
func (r *indexedList[T]) put(item *T) {
	for _, key := range r.keys(item) {
		if old := r.index[key]; old != nil {
			r.swap(old, item)
			return
		}
	}
	r.add(item)
}

func (r *indexedList[T]) swap(old, item *T) {
	if old == item {
		return
	}
	for i := range r.items {
		if r.items[i] == old {
			r.items[i] = item
			break
		}
	}
	for _, key := range r.keys(old) {
		if r.index[key] == old {
			delete(r.index, key)
		}
	}
	for _, key := range r.keys(item) {
		r.index[key] = item
	}
	r.flat = nil
}
