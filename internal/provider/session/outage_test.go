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

// TestOutages: of Cloud Storage that cannot be used one answer does for all, for
// a while; where it answers, all ask at a time.
func TestOutages(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]error{
		"frozen": storage.ErrSilent, "no login": storage.ErrLogin, "no share": storage.ErrNoShare, "no block": Unusable(ErrNoCloudStorage),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var (
				o     outages
				asked atomic.Int64
				clock = clockwork.NewFakeClock()
			)
			all := func(want error, ask func() error) {
				t.Helper()
				var servers sync.WaitGroup
				for range 20 {
					servers.Go(func() {
						if err := o.Ask(t.Context(), clock, ask); !errors.Is(err, want) {
							t.Errorf("got %v, want %v", err, want)
						}
					})
				}
				servers.Wait()
			}
			down := func() error { asked.Add(1); return outage }
			all(outage, down)
			if asked.Load() != 1 {
				t.Errorf("it was asked %d times", asked.Load())
			}
			clock.Advance(outageWindow)
			if err := o.Ask(t.Context(), clock, func() error { return fs.ErrPermission }); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("got %v", err)
			}
			var together sync.WaitGroup
			together.Add(20)
			all(nil, func() error { together.Done(); together.Wait(); return nil })
			all(outage, down)
			if err := o.Ask(t.Context(), clock, func() error { return nil }); !errors.Is(err, outage) {
				t.Errorf("got %v, want %v", err, outage)
			}
		})
	}
}

// TestOutagesAreCancelled: who waits for another one's answer can be stopped, and
// a refresh that is stopped says nothing of Cloud Storage.
func TestOutagesAreCancelled(t *testing.T) {
	t.Parallel()
	var o outages
	clock := clockwork.NewFakeClock()
	ctx, cancel := context.WithCancel(t.Context())
	err := o.Ask(t.Context(), clock, func() error {
		cancel()
		return o.Ask(ctx, clock, func() error { return nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	_ = o.Ask(ctx, clock, func() error { return storage.ErrSilent })
	if err := o.Ask(t.Context(), clock, func() error { return nil }); err != nil {
		t.Errorf("got %v", err)
	}
}
