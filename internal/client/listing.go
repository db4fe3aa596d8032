// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// listing is the answer to a list call.
type listing[T any] struct {
	items []T
	// incomplete is the reason why the listing may lack objects; nil if it lacks
	// none. Only a complete listing shows that an object is missing.
	incomplete error
}

// without removes the items for which stale returns an error. If the listing was
// complete, the first such error becomes the reason why it is incomplete.
func (l listing[T]) without(stale func(*T) error) listing[T] {
	kept := l.items[:0]
	for i := range l.items {
		err := stale(&l.items[i])
		if err == nil {
			kept = append(kept, l.items[i])
		} else if l.incomplete == nil {
			l.incomplete = err
		}
	}
	l.items = kept
	return l
}

// errNoTotal rejects a list that does not say how many objects match.
var errNoTotal = errors.New("it does not say how many objects match")

// IncompleteError reports a list that may lack objects: its totals differ from its
// rows, or a row cannot be decoded. An object that is not in the list may exist.
type IncompleteError struct {
	// Method is the called method, such as "grid.server.list".
	Method string
	// Reason describes what is wrong with the answer.
	Reason error
}

// Error names the method and describes what is wrong with its answer.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("%s: the answer is not complete: %v. Try again later", e.Method, e.Reason)
}

// Unwrap returns the reason.
func (e *IncompleteError) Unwrap() error { return e.Reason }

// requireComplete returns the objects of a complete listing. If the listing is
// incomplete, the error is the reason.
func requireComplete[T any](found listing[T], err error) ([]T, error) {
	if err == nil {
		err = found.incomplete
	}
	if err != nil {
		return nil, err
	}
	return found.items, nil
}

// maxReadRetries limits how often a read is repeated because its answer is valid
// but incomplete or unusable. The transport repeats calls without a valid answer.
const maxReadRetries = 2

// listObjects lists all objects of a kind. It repeats a read whose answer is
// incomplete or unusable, and returns the last answer. An object that the
// answer lists twice, as identified by key, counts once.
func listObjects[W, T any, K comparable](
	ctx context.Context, c *caller, method string, form url.Values, convert func(W) (T, error), key func(*T) K,
) (listing[T], error) {
	var found listing[T]
	err := c.retryRead(ctx, func() (bool, error) {
		items, summary, broken, err := fetchRows(ctx, c, method, form, convert)
		if err != nil {
			return isUnusableAnswer(err), err
		}
		items = withoutDuplicates(items, key)
		found = listing[T]{items, nil}
		if broken == nil {
			broken = checkTotals(summary, len(items))
		}
		if broken != nil {
			found.incomplete = &IncompleteError{Method: method, Reason: c.redact.Error(broken)}
		}
		return found.incomplete != nil, nil
	})
	return found, err
}

// retryRead calls read until read reports that no other try is needed, and
// repeats it at most maxReadRetries times.
func (c *caller) retryRead(ctx context.Context, read func() (again bool, err error)) error {
	for try := 1; ; try++ {
		again, err := read()
		if !again || try > min(maxReadRetries, c.maxRetries) || isContact(ctx) && isForeign(err) {
			return err
		}
		if ended := pause(ctx, c.clock, firstRetryDelay<<(try-1)); ended != nil {
			return errors.Join(ended, err)
		}
	}
}

// checkTotals returns an error if the totals of an answer without pages differ
// from its number of rows.
func checkTotals(summary summary, rows int) error {
	switch {
	case !summary.Total.present:
		return errNoTotal
	case int(summary.Total.value) != rows:
		return fmt.Errorf("it holds %d of %d objects", rows, summary.Total.value)
	case summary.Returned.present && int(summary.Returned.value) > rows:
		return fmt.Errorf("it holds %d rows, but its summary says %d", rows, summary.Returned.value)
	default:
		return nil
	}
}

// withoutDuplicates removes objects whose key occurs earlier in the list.
func withoutDuplicates[T any, K comparable](items []T, key func(*T) K) []T {
	seen := make(map[K]struct{}, len(items))
	kept := items[:0]
	for i := range items {
		k := key(&items[i])
		if _, twice := seen[k]; twice {
			continue
		}
		seen[k] = struct{}{}
		kept = append(kept, items[i])
	}
	return kept
}

// fetchRows calls a method once and decodes its rows. broken describes the
// skipped rows.
func fetchRows[W, T any](
	ctx context.Context, c *caller, method string, form url.Values, convert func(W) (T, error),
) (items []T, totals summary, broken, err error) {
	rows := &rowDecoder[W, T]{convert: convert}
	answered, err := c.call(ctx, method, form, rows)
	if err != nil {
		return nil, summary{}, nil, err
	}
	if !answered.HasList {
		return nil, summary{}, nil, c.unusableAnswer(method, errNoList)
	}
	return rows.items, answered.Summary, rows.skipped.err(), nil
}

// list returns the objects of an answer in which every row must be valid: a get, a
// lookup, or a list of passwords.
func list[W, T any](ctx context.Context, c *caller, method string, form url.Values, convert func(W) (T, error)) ([]T, error) {
	items, _, err := listPage(ctx, c, method, form, convert, checkReturned)
	return items, err
}

// checkReturned returns an error if the answer declares a number of rows that
// differs from the actual number.
func checkReturned[T any](items []T, totals summary) error {
	if totals.Returned.present && int(totals.Returned.value) != len(items) {
		return fmt.Errorf("it holds %d rows, but its summary says %d", len(items), totals.Returned.value)
	}
	return nil
}

// listPage is like [list], but also returns the totals of the answer. check must return
// an error if the totals contradict the objects.
func listPage[W, T any](
	ctx context.Context, c *caller, method string, form url.Values, convert func(W) (T, error), check func([]T, summary) error,
) ([]T, summary, error) {
	var items []T
	var totals summary
	err := c.retryRead(ctx, func() (bool, error) {
		var broken, err error
		items, totals, broken, err = fetchRows(ctx, c, method, form, convert)
		if err == nil && broken == nil {
			broken = check(items, totals)
		}
		if err == nil && broken != nil {
			err = c.unusableAnswer(method, broken)
		}
		return isUnusableAnswer(err), err
	})
	if err != nil {
		return nil, summary{}, err
	}
	return items, totals, nil
}

// change calls a method that changes something and returns the object in the
// answer. Unlike a read, the call is not repeated if its answer is unusable.
// matches reports whether that object is the changed one: an answer about
// another object does not prove that the change was accepted.
func change[W, T any](
	ctx context.Context, c *caller, method string, form url.Values, convert func(W) (T, error), matches func(*T) bool,
) (*T, error) {
	items, _, broken, err := fetchRows(ctx, c, method, form, convert)
	switch {
	case err != nil:
		return nil, err
	case broken != nil:
		return nil, c.unusableAnswer(method, broken)
	case len(items) != 1:
		return nil, c.unusableAnswer(method, fmt.Errorf("it holds %d objects instead of one", len(items)))
	case !matches(&items[0]):
		return nil, c.unusableAnswer(method, errors.New("it shows a different object"))
	}
	return &items[0], nil
}

// one returns the object of a read whose answer must hold exactly one object.
func one[W, T any](ctx context.Context, c *caller, method string, form url.Values, convert func(W) (T, error)) (*T, error) {
	items, err := list(ctx, c, method, form, convert)
	if err != nil {
		return nil, err
	}
	if len(items) != 1 {
		return nil, c.unusableAnswer(method, fmt.Errorf("it holds %d objects instead of one", len(items)))
	}
	return &items[0], nil
}

// unusableAnswer returns the error for a successful answer whose objects cannot be
// used.
func (c *caller) unusableAnswer(method string, err error) error {
	return &Error{
		Method: method, Status: http.StatusOK, kind: kindBroken, outcomeUnknown: isChanging(method),
		cause: c.redact.Error(err),
	}
}

// isUnusableAnswer reports whether err comes from unusableAnswer.
func isUnusableAnswer(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.kind == kindBroken && failure.Status == http.StatusOK
}
