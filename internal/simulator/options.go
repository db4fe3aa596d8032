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
)

// Era tells which servers an image can be saved of.
type Era string

const (
	// EraSandbox is the time until March 2011: only an image sandbox can be saved. The default.
	EraSandbox Era = "sandbox"
	// EraDirect is the time after: any server can be saved, and keeps its power state.
	EraDirect Era = "direct"
)

const (
	defaultBlockSize       = 16
	smallestBlockSize      = 8
	largestBlockSize       = 65536
	defaultJitter          = 0.1
	defaultSignatureWindow = 10 * time.Minute
)

// Options configure a [Grid]. The zero value is a grid in memory that runs at the real service's pace.
type Options struct {
	// State is the path of the durable state, a bbolt file; "" keeps everything in memory.
	State string
	// Clock is the time source of the host, by default the system's. Signatures are checked against it.
	Clock Clock
	// Speed is how many seconds pass on the grid in one second of the host. 0 means 1.
	Speed float64
	// HandDriven stops the grid's clock: it moves only by [Grid.Advance].
	HandDriven bool
	// Stepped makes the clock stand still between events: a job begins or ends, a server has booted, a sleep in a guest is over.
	// Once every client waits, the clock steps to the next event. The same calls then take the same grid time on every host,
	// however busy it is. A step takes at least as long as Speed demands. POST /admin/clock switches stepping on and off. It cannot
	// be combined with HandDriven.
	Stepped bool
	// Seed determines the random durations, passwords, host keys and image names. A grid with a state file keeps its first seed
	// unless another one is given.
	Seed uint64
	// OwnImagesOnly leaves the images of partners and of the community out of the catalogue. Tests of a client use it: most of
	// the bytes that they read are lists of images.
	OwnImagesOnly bool
	// RandomSeed draws the seed of a new grid at random. Seed must then be 0.
	RandomSeed bool
	// Jitter is the fraction by which a duration may be longer or shorter, at most 0.9. 0 means 0.1, a negative value none.
	Jitter float64
	// PublicBlockSize is the number of addresses of each public block, a power of two from 8 to 65536; the usable ones are
	// three fewer. 0 means 16, or what the state file has.
	PublicBlockSize int
	// PrivateBlockSize is the same for the private blocks.
	PrivateBlockSize int
	// Keys are the API keys of the accounts. None means those of the state file, or else one generated key, see [Grid.Keys].
	Keys []Key
	// Era tells which servers can be saved; "" means EraSandbox.
	Era Era
	// SandboxStaysOn keeps a running sandbox On after it was saved in EraSandbox; by default it is Off then.
	SandboxStaysOn bool
	// Strict refuses parameters that a method does not know.
	Strict bool
	// RefuseBusy refuses a command for a server with an unfinished job in the call. The real service accepted the command
	// and let its job fail, which is the default.
	RefuseBusy bool
	// Admin turns the routes below /admin on.
	Admin bool
	// Timings are the durations of the platform's own work.
	Timings Timings
	// SignatureWindow is how far the time in a signature may be off, both ways. 0 means ten minutes.
	SignatureWindow time.Duration
	// Guests let servers boot; nil means that a server is no more than its record.
	Guests *GuestOptions
	// CloudStorage serves the accounts' file shares; nil means that it is served
	// where servers boot, with the zero value of its options.
	CloudStorage *CloudStorageOptions
	// Life bounds the life of what runs by itself, which [Grid.Close] ends as
	// well; nil means that only Close ends it.
	Life context.Context //nolint:containedctx // it is handed over once, as an option
	// Log receives one record per call, without parameters. nil means no log.
	Log *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Life == nil {
		o.Life = context.Background() //nolint:forbidigo // there is no caller whose context it could be
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
