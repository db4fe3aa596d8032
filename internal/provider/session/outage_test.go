// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// TestOutages: during an outage all callers get the error of the first use
// until the window ends. While Cloud Storage answers, all callers may use it at
// the same time.
func TestOutages(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]error{
		"frozen": storage.ErrSilent, "no login": storage.ErrLogin, "no share": storage.ErrNoShare, "no block": Unusable(ErrNoCloudStorage),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var (
				o     outages
				used  atomic.Int64
				clock = clockwork.NewFakeClock()
			)
			all := func(want error, use func() error) {
				t.Helper()
				var servers sync.WaitGroup
				for range 20 {
					servers.Go(func() {
						if err := o.Use(t.Context(), clock, use); !errors.Is(err, want) {
							t.Errorf("got %v, want %v", err, want)
						}
					})
				}
				servers.Wait()
			}
			down := func() error { used.Add(1); return outage }
			all(outage, down)
			if used.Load() != 1 {
				t.Errorf("Cloud Storage was used %d times, want 1", used.Load())
			}
			clock.Advance(outageWindow)
			if err := o.Use(t.Context(), clock, func() error { return fs.ErrPermission }); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("got %v", err)
			}
			var together sync.WaitGroup
			together.Add(20)
			all(nil, func() error { together.Done(); together.Wait(); return nil })
			all(outage, down)
			if err := o.Use(t.Context(), clock, func() error { return nil }); !errors.Is(err, outage) {
				t.Errorf("got %v, want %v", err, outage)
			}
		})
	}
}

// TestOutagesAreCancelled: a caller that waits for another use returns when its
// context ends, and a use whose context has ended does not count as an outage.
func TestOutagesAreCancelled(t *testing.T) {
	t.Parallel()
	var o outages
	clock := clockwork.NewFakeClock()
	ctx, cancel := context.WithCancel(t.Context())
	err := o.Use(t.Context(), clock, func() error {
		cancel()
		return o.Use(ctx, clock, func() error { return nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	_ = o.Use(ctx, clock, func() error { return storage.ErrSilent })
	if err := o.Use(t.Context(), clock, func() error { return nil }); err != nil {
		t.Errorf("got %v", err)
	}
}
