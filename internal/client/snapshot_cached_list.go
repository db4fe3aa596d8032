// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"slices"
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
	list   func(context.Context) (listing[T], error)
	flight singleflight.Group

	mu      sync.Mutex
	rows    *rows[T] // nil until something was fetched
	doubt   error    // why rows may lack objects, nil if they surely do not
	checked bool     // rows were fetched because the rows before lacked an object
	former  *rows[T] // the complete list before rows, nil until there were two
	fetched time.Time
	expired bool
	epoch   int64 // counts expirations
	fetches map[*fetch[T]]bool
	begun   int64 // counts fetches
	stored  int64 // the fetch whose result is kept
}

// fetch is a list under way.
type fetch[T any] struct {
	shelf    *shelf[T]
	number   int64
	epoch    int64
	checking bool
	writes   []func(*rows[T])
}

func newShelf[T any](
	clock clockwork.Clock, window time.Duration, keys func(*T) []string, list func(context.Context) (listing[T], error),
) *shelf[T] {
	return &shelf[T]{clock: clock, window: window, keys: keys, list: list, fetches: map[*fetch[T]]bool{}}
}

// all returns the whole list. A list that may lack objects is fetched a second
// time; the error is an [IncompleteError] if the second list may lack some too.
func (s *shelf[T]) all(ctx context.Context) ([]T, error) {
	var items []T
	var seen sighting
	peruse := func(rows *rows[T]) { items, seen = rows.all(), s.seen() }
	if err := s.read(ctx, peruse); err != nil {
		return nil, err
	}
	if seen.doubt != nil && !seen.checked {
		if err := s.check(ctx, seen.fetch, peruse); err != nil {
			return nil, err
		}
	}
	if seen.doubt != nil {
		return nil, seen.doubt
	}
	return items, nil
}

// find returns the item with the key, nil if two lists lack the item. The second
// one is fetched only for that, and shared by all readers while it is fresh.
// doubt is nil if the second list is complete.
func (s *shelf[T]) find(ctx context.Context, key string) (item *T, doubt, err error) {
	var seen sighting
	peruse := func(rows *rows[T]) { item, seen = rows.get(key), s.seen() }
	if err := s.read(ctx, peruse); err != nil || item != nil {
		return item, nil, err
	}
	if !seen.checked {
		if err := s.check(ctx, seen.fetch, peruse); err != nil {
			return nil, nil, err
		}
	}
	return item, seen.doubt, nil
}

// search returns the whole list, and the items that only the previous complete
// list had. A second list is fetched if there was none before.
func (s *shelf[T]) search(ctx context.Context) (items, formerly []T, err error) {
	var seen sighting
	look := func(rows *rows[T]) {
		seen, items, formerly = s.seen(), rows.all(), nil
		seen.checked = s.former != nil
		if s.former != nil {
			formerly = missingFrom(rows, s.former.all(), s.keys)
		}
	}
	if err := s.read(ctx, look); err != nil {
		return nil, nil, err
	}
	if !seen.checked || seen.doubt != nil {
		if err := s.check(ctx, seen.fetch, look); err != nil {
			return nil, nil, err
		}
	}
	return items, formerly, seen.doubt
}

// missingFrom returns the items that rows do not have.
func missingFrom[T any](rows *rows[T], items []T, keys func(*T) []string) []T {
	var rest []T
	for i := range items {
		if !slices.ContainsFunc(keys(&items[i]), func(key string) bool { return rows.get(key) != nil }) {
			rest = append(rest, items[i])
		}
	}
	return rest
}

// peek returns the item with the key, nil if one list lacks the item, which
// proves nothing.
func (s *shelf[T]) peek(ctx context.Context, key string) (*T, error) {
	var item *T
	err := s.read(ctx, func(rows *rows[T]) { item = rows.get(key) })
	return item, err
}

// sighting says which list a reader has seen.
type sighting struct {
	fetch   int64 // the number of its fetch
	doubt   error // why it may lack objects
	checked bool  // it was fetched to check the one before
}

// seen must be called with mu held.
func (s *shelf[T]) seen() sighting { return sighting{s.stored, s.doubt, s.checked} }

// check reads a list whose fetch began after the one with the given number.
// Readers that check at the same time share one fetch.
func (s *shelf[T]) check(ctx context.Context, after int64, peruse func(*rows[T])) error {
	later := func() bool { return s.stored > after }
	shared := context.WithoutCancel(ctx)
	// The flight of another reader may have begun before the list to be checked.
	for !s.lookAt(peruse, later) {
		done := s.flight.DoChan("check", func() (any, error) {
			if s.lookAt(func(*rows[T]) {}, later) {
				return nil, nil
			}
			return nil, s.refetch(shared, true)
		})
		if err := await(ctx, done); err != nil {
			return err
		}
	}
	return nil
}

// await returns when a shared call ends, or the context.
func await(ctx context.Context, done <-chan singleflight.Result) error {
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read looks at the list, after a fetch if the list is too old.
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
	if err := await(ctx, done); err != nil {
		return err
	}
	s.lookAt(look, always)
	return nil
}

// always makes [shelf.lookAt] accept any list.
func always() bool { return true }

// lookAt passes the list to look if there is a list and will accepts it. It
// reports whether it called look.
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

// fetch lists again, unless a fetch has ended a moment ago.
func (s *shelf[T]) fetch(ctx context.Context) error {
	if s.lookAt(func(*rows[T]) {}, s.fresh) {
		return nil
	}
	return s.refetch(ctx, false)
}

// refetch lists again. checking says that the list before lacked an object.
func (s *shelf[T]) refetch(ctx context.Context, checking bool) error {
	fetch := s.begin()
	defer fetch.end()
	fetch.checking = checking
	found, err := s.list(ctx)
	if err != nil {
		return err
	}
	fetch.store(found)
	return nil
}

// expire makes the next read fetch again. A fetch that is under way began too
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

// store keeps the result of the fetch, unless the result of a later fetch is
// kept already.
func (f *fetch[T]) store(found listing[T]) {
	s := f.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.number < s.stored {
		return
	}
	fetched := newRows(found.items, s.keys)
	for _, change := range f.writes {
		change(fetched)
	}
	if s.rows != nil && s.doubt == nil {
		s.former = s.rows
	}
	s.rows, s.stored, s.fetched = fetched, f.number, s.clock.Now()
	s.doubt, s.checked = found.doubt, f.checking
	if f.epoch == s.epoch {
		s.expired = false
	}
}
