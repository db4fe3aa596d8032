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

// cachedList keeps one list for a while. Readers that find it too old share one
// fetch; each of them honours its own context, and none of them can end the
// fetch for the others.
//
// A fetch shows the service as it was at some moment after the fetch began, so
// what was written after that is written again over its result.
type cachedList[T any] struct {
	clock  clockwork.Clock
	window time.Duration
	keys   func(*T) []string
	load   func(context.Context) (listing[T], error)
	flight singleflight.Group

	mu          sync.Mutex
	current     *indexedList[T] // nil until something was fetched
	incomplete  error           // why rows may lack objects, nil if they surely do not
	isRecheck   bool            // rows were fetched because the rows before lacked an object
	previous    *indexedList[T] // the complete list before rows, nil until there were two
	fetched     time.Time
	expired     bool
	expirations int64 // counts expirations
	fetches     map[*listFetch[T]]bool
	fetchCount  int64 // counts fetches
	storedFetch int64 // the fetch whose result is kept
}

// listFetch is a list under way.
type listFetch[T any] struct {
	cache   *cachedList[T]
	number  int64
	epoch   int64
	recheck bool
	updates []func(*indexedList[T])
}

func newCachedList[T any](
	clock clockwork.Clock, window time.Duration, keys func(*T) []string, list func(context.Context) (listing[T], error),
) *cachedList[T] {
	return &cachedList[T]{clock: clock, window: window, keys: keys, load: list, fetches: map[*listFetch[T]]bool{}}
}

// all returns the whole list. A list that may lack objects is fetched a second
// time; the error is an [IncompleteError] if the second list may lack some too.
func (s *cachedList[T]) all(ctx context.Context) ([]T, error) {
	var items []T
	var version listVersion
	collect := func(list *indexedList[T]) { items, version = list.all(), s.version() }
	if err := s.read(ctx, collect); err != nil {
		return nil, err
	}
	if version.incomplete != nil && !version.isRecheck {
		if err := s.recheck(ctx, version.fetch, collect); err != nil {
			return nil, err
		}
	}
	if version.incomplete != nil {
		return nil, version.incomplete
	}
	return items, nil
}

// find returns the item with the key, nil if two lists lack the item. The second
// one is fetched only for that, and shared by all readers while it is fresh.
// doubt is nil if the second list is complete.
func (s *cachedList[T]) find(ctx context.Context, key string) (item *T, incomplete, err error) {
	var version listVersion
	collect := func(list *indexedList[T]) { item, version = list.get(key), s.version() }
	if err := s.read(ctx, collect); err != nil || item != nil {
		return item, nil, err
	}
	if !version.isRecheck {
		if err := s.recheck(ctx, version.fetch, collect); err != nil {
			return nil, nil, err
		}
	}
	return item, version.incomplete, nil
}

// search returns the whole list, and the items that only the previous complete
// list had. A second list is fetched if there was none before.
func (s *cachedList[T]) search(ctx context.Context) (items, onlyInPrevious []T, err error) {
	var version listVersion
	collect := func(list *indexedList[T]) {
		version, items, onlyInPrevious = s.version(), list.all(), nil
		version.isRecheck = s.previous != nil
		if s.previous != nil {
			onlyInPrevious = missingFrom(list, s.previous.all(), s.keys)
		}
	}
	if err := s.read(ctx, collect); err != nil {
		return nil, nil, err
	}
	if !version.isRecheck || version.incomplete != nil {
		if err := s.recheck(ctx, version.fetch, collect); err != nil {
			return nil, nil, err
		}
	}
	return items, onlyInPrevious, version.incomplete
}

// missingFrom returns the items that rows do not have.
func missingFrom[T any](list *indexedList[T], items []T, keys func(*T) []string) []T {
	var rest []T
	for i := range items {
		if !slices.ContainsFunc(keys(&items[i]), func(key string) bool { return list.get(key) != nil }) {
			rest = append(rest, items[i])
		}
	}
	return rest
}

// peek returns the item with the key, nil if one list lacks the item, which
// proves nothing.
func (s *cachedList[T]) peek(ctx context.Context, key string) (*T, error) {
	var item *T
	err := s.read(ctx, func(list *indexedList[T]) { item = list.get(key) })
	return item, err
}

// listVersion says which list a reader has seen.
type listVersion struct {
	fetch      int64 // the number of its fetch
	incomplete error // why it may lack objects
	isRecheck  bool  // it was fetched to check the one before
}

// version must be called with mu held.
func (s *cachedList[T]) version() listVersion {
	return listVersion{s.storedFetch, s.incomplete, s.isRecheck}
}

// recheck reads a list whose fetch began after the one with the given number.
// Readers that check at the same time share one fetch.
func (s *cachedList[T]) recheck(ctx context.Context, after int64, collect func(*indexedList[T])) error {
	later := func() bool { return s.storedFetch > after }
	shared := context.WithoutCancel(ctx)
	// The flight of another reader may have begun before the list to be checked.
	for !s.visit(collect, later) {
		done := s.flight.DoChan("check", func() (any, error) {
			if s.visit(func(*indexedList[T]) {}, later) {
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
func (s *cachedList[T]) read(ctx context.Context, visit func(*indexedList[T])) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.visit(visit, s.fresh) {
		return nil
	}
	// The fetch is not the reader's own: it keeps the reader's values, such as
	// where to log, but not its end.
	shared := context.WithoutCancel(ctx)
	done := s.flight.DoChan("list", func() (any, error) { return nil, s.fetch(shared) })
	if err := await(ctx, done); err != nil {
		return err
	}
	s.visit(visit, always)
	return nil
}

// always makes [cachedList.visit] accept any list.
func always() bool { return true }

// visit passes the list to look if there is a list and will accepts it. It
// reports whether it called look.
func (s *cachedList[T]) visit(visit func(*indexedList[T]), accept func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || !accept() {
		return false
	}
	visit(s.current)
	return true
}

// fresh is called with the lock held.
func (s *cachedList[T]) fresh() bool { return !s.expired && s.clock.Since(s.fetched) < s.window }

// fetch lists again, unless a fetch has ended a moment ago.
func (s *cachedList[T]) fetch(ctx context.Context) error {
	if s.visit(func(*indexedList[T]) {}, s.fresh) {
		return nil
	}
	return s.refetch(ctx, false)
}

// refetch lists again. checking says that the list before lacked an object.
func (s *cachedList[T]) refetch(ctx context.Context, recheck bool) error {
	fetch := s.begin()
	defer fetch.end()
	fetch.recheck = recheck
	found, err := s.load(ctx)
	if err != nil {
		return err
	}
	fetch.store(found)
	return nil
}

// expire makes the next read fetch again. A fetch that is under way began too
// early to count.
func (s *cachedList[T]) expire() {
	s.mu.Lock()
	s.expired = true
	s.expirations++
	s.mu.Unlock()
	s.flight.Forget("list")
}

// update changes the list, and again the results of fetches under way.
func (s *cachedList[T]) update(change func(*indexedList[T])) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for fetch := range s.fetches {
		fetch.updates = append(fetch.updates, change)
	}
	if s.current != nil {
		change(s.current)
	}
}

// begin must be called before the request of a fetch is sent, end after it.
func (s *cachedList[T]) begin() *listFetch[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetchCount++
	fetch := &listFetch[T]{cache: s, number: s.fetchCount, epoch: s.expirations}
	s.fetches[fetch] = true
	return fetch
}

func (f *listFetch[T]) end() {
	f.cache.mu.Lock()
	defer f.cache.mu.Unlock()
	delete(f.cache.fetches, f)
}

// store keeps the result of the fetch, unless the result of a later fetch is
// kept already.
func (f *listFetch[T]) store(found listing[T]) {
	s := f.cache
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.number < s.storedFetch {
		return
	}
	fetched := newIndexedList(found.items, s.keys)
	for _, change := range f.updates {
		change(fetched)
	}
	if s.current != nil && s.incomplete == nil {
		s.previous = s.current
	}
	s.current, s.storedFetch, s.fetched = fetched, f.number, s.clock.Now()
	s.incomplete, s.isRecheck = found.incomplete, f.recheck
	if f.epoch == s.expirations {
		s.expired = false
	}
}
