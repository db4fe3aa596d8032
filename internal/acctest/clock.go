// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// quickness is the number of seconds that a quick clock counts in one real
// second.
const quickness = 50

// quickClock is the real clock, sped up by the factor quickness. Code that waits
// on a quickClock, for example before a retry or a poll, waits a fiftieth of the
// time.
type quickClock struct {
	real  clockwork.Clock
	start time.Time
}

var _ clockwork.Clock = quickClock{}

func newQuickClock() quickClock {
	real := clockwork.NewRealClock()
	return quickClock{real: real, start: real.Now()}
}

// Now returns the quick time.
func (c quickClock) Now() time.Time { return c.start.Add(quickness * c.real.Since(c.start)) }

// Since returns the quick time that has passed since t.
func (c quickClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Until returns the quick time that is left until t.
func (c quickClock) Until(t time.Time) time.Duration { return t.Sub(c.Now()) }

// Sleep waits for d of quick time.
func (c quickClock) Sleep(d time.Duration) { c.real.Sleep(shortened(d)) }

// After returns a channel that receives a time after d.
func (c quickClock) After(d time.Duration) <-chan time.Time { return c.real.After(shortened(d)) }

// AfterFunc calls f after d.
func (c quickClock) AfterFunc(d time.Duration, f func()) clockwork.Timer {
	return quickTimer{c.real.AfterFunc(shortened(d), f)}
}

// NewTimer returns a timer that fires after d.
func (c quickClock) NewTimer(d time.Duration) clockwork.Timer {
	return quickTimer{c.real.NewTimer(shortened(d))}
}

// NewTicker returns a ticker with the period d.
func (c quickClock) NewTicker(d time.Duration) clockwork.Ticker {
	return quickTicker{c.real.NewTicker(shortened(d))}
}

// shortened converts quick time to real time. A positive duration stays positive,
// because NewTicker panics on a duration of 0.
func shortened(d time.Duration) time.Duration {
	if d <= 0 {
		return d
	}
	return max(d/quickness, 1)
}

type quickTimer struct{ clockwork.Timer }

// Reset starts the timer again.
func (t quickTimer) Reset(d time.Duration) bool { return t.Timer.Reset(shortened(d)) }

type quickTicker struct{ clockwork.Ticker }

// Reset changes the ticker's period.
func (t quickTicker) Reset(d time.Duration) { t.Ticker.Reset(shortened(d)) }
