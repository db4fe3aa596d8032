// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// quickness is how many seconds a quick clock counts in one second.
const quickness = 50

// quickClock is a real clock that runs faster: what waits on it (a pause
// before a retry, the next look of a watch) waits a fiftieth of its time.
type quickClock struct {
	real  clockwork.Clock
	start time.Time
}

var _ clockwork.Clock = quickClock{}

func newQuickClock() quickClock {
	real := clockwork.NewRealClock()
	return quickClock{real: real, start: real.Now()}
}

// Now is the quick time.
func (c quickClock) Now() time.Time { return c.start.Add(quickness * c.real.Since(c.start)) }

// Since is the quick time since then.
func (c quickClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Until is the quick time until then.
func (c quickClock) Until(t time.Time) time.Duration { return t.Sub(c.Now()) }

// Sleep waits.
func (c quickClock) Sleep(d time.Duration) { c.real.Sleep(shortened(d)) }

// After delivers a time once d has passed.
func (c quickClock) After(d time.Duration) <-chan time.Time { return c.real.After(shortened(d)) }

// AfterFunc calls f once d has passed.
func (c quickClock) AfterFunc(d time.Duration, f func()) clockwork.Timer {
	return quickTimer{c.real.AfterFunc(shortened(d), f)}
}

// NewTimer returns a timer that fires once d has passed.
func (c quickClock) NewTimer(d time.Duration) clockwork.Timer {
	return quickTimer{c.real.NewTimer(shortened(d))}
}

// NewTicker returns a ticker that fires whenever d has passed.
func (c quickClock) NewTicker(d time.Duration) clockwork.Ticker {
	return quickTicker{c.real.NewTicker(shortened(d))}
}

// shortened keeps a positive duration positive: tickers take no other.
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
