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

// cachedList caches one list for a limited time. Readers of an expired list share
// one fetch. Each reader obeys its own context, and no reader can cancel the fetch
// for the others.
//
// The result of a fetch may or may not reflect changes made while the fetch was
// in progress. So updates during a fetch are also applied to its result.
type cachedList[T any] struct {
	clock  clockwork.Clock
	window time.Duration
	keys   func(*T) []string
	load   func(context.Context) (listing[T], error)
	flight singleflight.Group

	mu          sync.Mutex
	current     *indexedList[T] // nil before the first fetch
	incomplete  error           // why current may lack objects, nil if it is complete
	isRecheck   bool            // current was fetched because the previous list lacked an object
	previous    *indexedList[T] // the complete list before current, nil if there was none
	fetched     time.Time
	expired     bool
	expirations int64 // counts expirations
	fetches     map[*listFetch[T]]bool
	fetchCount  int64 // counts fetches
	storedFetch int64 // number of the fetch that returned current
}

// listFetch is a fetch of a list in progress.
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

// all returns the complete list. It fetches an incomplete list a second time. The
// error is an [IncompleteError] if the second list is also incomplete.
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

// find returns the item with the given key, or nil if two lists lack the item.
// All readers share the second list while it is fresh. If the item is missing
// and the second list may lack objects, incomplete says why.
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

// search returns the complete list, and the items that only the previous
// complete list contained. If there was no previous list, it fetches the list
// twice.
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

// missingFrom returns those of the given items that a list lacks.
func missingFrom[T any](list *indexedList[T], items []T, keys func(*T) []string) []T {
	var rest []T
	for i := range items {
		if !slices.ContainsFunc(keys(&items[i]), func(key string) bool { return list.get(key) != nil }) {
			rest = append(rest, items[i])
		}
	}
	return rest
}

// peek returns the item with the given key, or nil if the cached list lacks the
// item. A nil item does not prove that the item does not exist.
func (s *cachedList[T]) peek(ctx context.Context, key string) (*T, error) {
	var item *T
	err := s.read(ctx, func(list *indexedList[T]) { item = list.get(key) })
	return item, err
}

// listVersion identifies the list that a reader has read.
type listVersion struct {
	fetch      int64 // number of the fetch that returned the list
	incomplete error // why the list may lack objects, nil if it is complete
	isRecheck  bool  // the list was fetched because the previous list lacked an object
}

// version returns the version of the current list. It must be called with mu held.
func (s *cachedList[T]) version() listVersion {
	return listVersion{s.storedFetch, s.incomplete, s.isRecheck}
}

// recheck reads a list whose fetch began later than the fetch with the number
// after. Readers that recheck at the same time share one fetch.
func (s *cachedList[T]) recheck(ctx context.Context, after int64, collect func(*indexedList[T])) error {
	later := func() bool { return s.storedFetch > after }
	shared := context.WithoutCancel(ctx)
	// The fetch that this reader shares may have begun too early, so loop until
	// a later list is stored.
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

// await waits for a shared call and returns its error. If ctx ends first, await
// returns the error of ctx.
func await(ctx context.Context, done <-chan singleflight.Result) error {
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read passes the list to visit. It fetches the list first if it is not fresh.
func (s *cachedList[T]) read(ctx context.Context, visit func(*indexedList[T])) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.visit(visit, s.fresh) {
		return nil
	}
	// Readers share the fetch, so it keeps the values of this reader's context, such
	// as the logger, but not its cancellation.
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

// visit passes the list to the given function if there is a list and accept
// returns true. It reports whether it called the function.
func (s *cachedList[T]) visit(visit func(*indexedList[T]), accept func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || !accept() {
		return false
	}
	visit(s.current)
	return true
}

// fresh reports whether the list is young enough to be read. It must be called with
// mu held.
func (s *cachedList[T]) fresh() bool { return !s.expired && s.clock.Since(s.fetched) < s.window }

// fetch fetches the list, unless another fetch has just refreshed it.
func (s *cachedList[T]) fetch(ctx context.Context) error {
	if s.visit(func(*indexedList[T]) {}, s.fresh) {
		return nil
	}
	return s.refetch(ctx, false)
}

// refetch fetches the list. recheck says that the previous list lacked an
// object.
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

// expire makes the next read fetch the list. A fetch in progress does not make the
// list fresh, because it began before the expiration.
func (s *cachedList[T]) expire() {
	s.mu.Lock()
	s.expired = true
	s.expirations++
	s.mu.Unlock()
	s.flight.Forget("list")
}

// update applies a change to the list, and later to the results of all fetches in
// progress.
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

// begin registers a fetch. The caller must call begin before it sends the
// request, and [listFetch.end] after the answer has arrived.
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

// store makes the result of a fetch the current list, unless the current list comes
// from a later fetch.
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
