// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/sync/singleflight"
)

// shelf keeps one list for a while. Readers that find it too old share one
// fetch; each of them honours its own context, and none of them can end the
// fetch for the others.
//
// A fetch shows the service as it was at some moment after the fetch began, so
// what was written after that is written again over its result.
type shelf[T any] struct {
	clock  clockwork.Clock
	window time.Duration
	keys   func(*T) []string
	list   func(context.Context) ([]T, error)
	flight singleflight.Group

	mu      sync.Mutex
	rows    *rows[T] // nil until something was fetched
	fetched time.Time
	expired bool
	epoch   int64 // counts expirations
	fetches map[*fetch[T]]bool
	begun   int64 // counts fetches
	stored  int64 // the fetch whose result is kept
}

// fetch is a list under way.
type fetch[T any] struct {
	shelf  *shelf[T]
	number int64
	epoch  int64
	writes []func(*rows[T])
}

func newShelf[T any](
	clock clockwork.Clock, window time.Duration, keys func(*T) []string, list func(context.Context) ([]T, error),
) *shelf[T] {
	return &shelf[T]{clock: clock, window: window, keys: keys, list: list, fetches: map[*fetch[T]]bool{}}
}

// all returns the whole list.
func (s *shelf[T]) all(ctx context.Context) ([]T, error) {
	var items []T
	err := s.read(ctx, func(rows *rows[T]) { items = rows.all() })
	return items, err
}

// find returns the item with the key, nil if there is none.
func (s *shelf[T]) find(ctx context.Context, key string) (*T, error) {
	var item *T
	err := s.read(ctx, func(rows *rows[T]) { item = rows.get(key) })
	return item, err
}

// read looks at the list, fetched anew if need be.
func (s *shelf[T]) read(ctx context.Context, look func(*rows[T])) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.lookAt(look, s.fresh) {
		return nil
	}
	// The fetch is not the reader's own: it keeps the reader's values, such as
	// where to log, but not its end.
	shared := context.WithoutCancel(ctx)
	done := s.flight.DoChan("list", func() (any, error) { return nil, s.fetch(shared) })
	select {
	case result := <-done:
		if result.Err != nil {
			return result.Err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	s.lookAt(look, func() bool { return true })
	return nil
}

// lookAt looks at the list if there is one and it will do.
func (s *shelf[T]) lookAt(look func(*rows[T]), will func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil || !will() {
		return false
	}
	look(s.rows)
	return true
}

// fresh is called with the lock held.
func (s *shelf[T]) fresh() bool { return !s.expired && s.clock.Since(s.fetched) < s.window }

// fetch lists anew, unless a fetch that ended a moment ago did so already.
func (s *shelf[T]) fetch(ctx context.Context) error {
	if s.lookAt(func(*rows[T]) {}, s.fresh) {
		return nil
	}
	fetch := s.begin()
	defer fetch.end()
	items, err := s.list(ctx)
	if err != nil {
		return err
	}
	fetch.store(items)
	return nil
}

// expire makes the next read fetch anew. A fetch that is under way began too
// early to count.
func (s *shelf[T]) expire() {
	s.mu.Lock()
	s.expired = true
	s.epoch++
	s.mu.Unlock()
	s.flight.Forget("list")
}

// write changes the list, and again the results of fetches under way.
func (s *shelf[T]) write(change func(*rows[T])) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for fetch := range s.fetches {
		fetch.writes = append(fetch.writes, change)
	}
	if s.rows != nil {
		change(s.rows)
	}
}

// begin must be called before the request of a fetch is sent, end after it.
func (s *shelf[T]) begin() *fetch[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	fetch := &fetch[T]{shelf: s, number: s.begun, epoch: s.epoch}
	s.fetches[fetch] = true
	return fetch
}

func (f *fetch[T]) end() {
	f.shelf.mu.Lock()
	defer f.shelf.mu.Unlock()
	delete(f.shelf.fetches, f)
}

// store keeps the result of the fetch, unless that of a later one is kept
// already, and returns the lists before and after.
func (f *fetch[T]) store(items []T) (before, after []T) {
	s := f.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows != nil {
		before = s.rows.all()
	}
	if f.number < s.stored {
		return before, before
	}
	fetched := newRows(items, s.keys)
	for _, change := range f.writes {
		change(fetched)
	}
	s.rows, s.stored, s.fetched = fetched, f.number, s.clock.Now()
	if f.epoch == s.epoch {
		s.expired = false
	}
	return before, fetched.all()
}
