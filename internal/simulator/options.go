// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/jonboulle/clockwork"
)

// Era determines which servers can be saved as an image.
type Era string

const (
	// EraSandbox is the time until March 2011, in which only image sandboxes could be saved. The default.
	EraSandbox Era = "sandbox"
	// EraDirect is the time after March 2011. Any server can be saved, and keeps its power state.
	EraDirect Era = "direct"
)

const (
	defaultBlockSize       = 16
	smallestBlockSize      = 8
	largestBlockSize       = 65536
	defaultJitter          = 0.1
	defaultSignatureWindow = 10 * time.Minute
)

// Options configure a [Grid]. The zero value configures a grid in memory that runs at the speed of the real service.
type Options struct {
	// State is the path of the state file, a bbolt database; "" keeps the grid in memory.
	State string
	// Clock is the time source of the host; nil means the system clock. The grid checks signatures against it.
	Clock Clock
	// Speed is the number of grid seconds per second of the host. 0 means 1.
	Speed float64
	// HandDriven stops the grid's clock. Only [Grid.Advance] moves it.
	HandDriven bool
	// Stepped stops the clock between events, such as the beginning or end of a job, the end of a boot, or the end of a sleep in a
	// guest. When all clients wait, the clock steps to the next event. The same calls then take the same grid time on every host,
	// even on a busy one. A step takes at least the host time that Speed requires. POST /admin/clock switches stepping on and off.
	// Stepped and HandDriven must not both be set.
	Stepped bool
	// Seed determines the random durations, passwords, host keys and image names. A grid with a state file keeps its first seed
	// unless Seed is set.
	Seed uint64
	// OwnImagesOnly removes partner and community images from the catalogue. Client tests use it, because image lists make up most
	// of the bytes that they read.
	OwnImagesOnly bool
	// RandomSeed makes a new grid choose a random seed. Seed must then be 0.
	RandomSeed bool
	// Jitter is the fraction, at most 0.9, by which durations vary in both directions. 0 means 0.1. A negative value means none.
	Jitter float64
	// PublicBlockSize is the number of addresses in each public block: a power of two from 8 to 65536. Three addresses of a block
	// are not usable. 0 means the size in the state file, or 16 for a new grid.
	PublicBlockSize int
	// PrivateBlockSize is the number of addresses in each private block. See PublicBlockSize.
	PrivateBlockSize int
	// Keys are the API keys of the accounts. If there are none, the grid uses the keys in the state file, or generates a key: see
	// [Grid.Keys].
	Keys []Key
	// Era determines which servers can be saved as an image; "" means EraSandbox.
	Era Era
	// SandboxStaysOn keeps a running sandbox On during and after a save in EraSandbox. By default the save turns it Off.
	SandboxStaysOn bool
	// Strict makes the grid refuse calls with parameters that the method does not
	// define.
	Strict bool
	// RefuseBusy makes the grid refuse a command for a server that has an unfinished job. By default, the grid accepts the command
	// and the job fails, as in the real service.
	RefuseBusy bool
	// Admin serves the admin routes below /admin.
	Admin bool
	// Timings are the durations of the platform's work.
	Timings Timings
	// SignatureWindow is the maximum difference between the time in a signature and the host's clock, in both directions. 0 means
	// ten minutes.
	SignatureWindow time.Duration
	// Guests configures the guests of servers. nil means that servers do not boot: each server is only a record.
	Guests *GuestOptions
	// CloudStorage configures the file shares of the accounts. nil means the zero
	// value if Guests is set, and no Cloud Storage otherwise.
	CloudStorage *CloudStorageOptions
	// When Context ends, the grid's goroutines end. [Grid.Close] also ends them;
	// if Context is nil, only Close does.
	Context context.Context //nolint:containedctx // an option that is read once
	// Log receives one record for each call, without parameters, and the grid's errors. nil means no log.
	Log *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Context == nil {
		o.Context = context.Background() //nolint:forbidigo // no caller gave a context
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.CloudStorage == nil && o.Guests != nil {
		o.CloudStorage = &CloudStorageOptions{}
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Jitter == 0 {
		o.Jitter = defaultJitter
	}
	o.Jitter = max(o.Jitter, 0)
	if o.Era == "" {
		o.Era = EraSandbox
	}
	if o.SignatureWindow == 0 {
		o.SignatureWindow = defaultSignatureWindow
	}
	o.Timings = o.Timings.withDefaults()
	return o, o.check()
}

func (o Options) check() error {
	var problems []error
	if o.Speed < 0 || math.IsNaN(o.Speed) || math.IsInf(o.Speed, 0) {
		problems = append(problems, fmt.Errorf("speed is %v: it must be a positive number of grid seconds per second", o.Speed))
	}
	if o.Stepped && o.HandDriven {
		problems = append(problems, errSteppedByHand)
	}
	if o.Jitter > 0.9 || math.IsNaN(o.Jitter) {
		problems = append(problems, fmt.Errorf("jitter is %v: it must be a fraction of at most 0.9", o.Jitter))
	}
	if o.Era != EraSandbox && o.Era != EraDirect {
		problems = append(problems, fmt.Errorf("era is %q: it must be %q or %q", o.Era, EraSandbox, EraDirect))
	}
	if o.SignatureWindow < 0 {
		problems = append(problems, fmt.Errorf("signature window is %v: it must not be negative", o.SignatureWindow))
	}
	if o.RandomSeed && o.Seed != 0 {
		problems = append(problems, fmt.Errorf("seed is %d: it must be 0 with RandomSeed", o.Seed))
	}
	problems = append(problems,
		checkBlockSize("public", o.PublicBlockSize), checkBlockSize("private", o.PrivateBlockSize), checkKeys(o.Keys))
	return errors.Join(problems...)
}

func checkBlockSize(kind string, size int) error {
	if size == 0 || size >= smallestBlockSize && size <= largestBlockSize && size&(size-1) == 0 {
		return nil
	}
	return fmt.Errorf("%s block size is %d: it must be a power of two from %d to %d", kind, size, smallestBlockSize, largestBlockSize)
}
