// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// Clock is the time source of the host.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// After returns a channel that delivers the time after d has passed. Delayed answers use it.
	After(d time.Duration) <-chan time.Time
	// AfterFunc calls f after d has passed, unless the timer is stopped first. It ends the reads of slow request bodies.
	AfterFunc(d time.Duration, f func()) clockwork.Timer
}

// moment is a point in grid time, in milliseconds since the epoch. The service's own times have the same resolution.
type moment int64

// endOfTime is the first moment of the year 9999, at which the grid's clock stops. JSON cannot express times after that year.
const endOfTime moment = 253370764800000

func momentOf(t time.Time) moment { return moment(t.UnixMilli()) }

func (m moment) add(d time.Duration) moment     { return m + moment(d.Milliseconds()) }
func (m moment) sub(other moment) time.Duration { return time.Duration(m-other) * time.Millisecond }
func (m moment) time() time.Time                { return time.UnixMilli(int64(m)).UTC() }

// clockRecord relates the grid's time to the host's time. It is stored, so that the grid's clock continues after a restart.
type clockRecord struct {
	Wall    time.Time
	Grid    moment
	Speed   float64
	Hand    bool
	Stepped bool `json:",omitempty"`
}

// isManual reports whether grid time passes only when the clock is moved.
func (r clockRecord) isManual() bool { return r.Hand || r.Stepped }

// at returns the grid's time at a time of the host. If the host's clock was set back, the grid's clock stops until the host's
// clock has caught up.
func (r clockRecord) at(wall time.Time) moment {
	if r.isManual() {
		return r.Grid
	}
	elapsed := max(wall.Sub(r.Wall), 0)
	return r.Grid + moment(min(elapsed.Seconds()*r.Speed*1000, float64(endOfTime-r.Grid)))
}

type gridClock struct {
	host   Clock
	record clockRecord
}

func (c *gridClock) now() moment { return c.record.at(c.host.Now()) }

// anchor sets the clock to a grid time.
func (c *gridClock) anchor(grid moment) { c.record.Wall, c.record.Grid = c.host.Now(), grid }

func (c *gridClock) advance(d time.Duration) { c.anchor(min(c.now().add(d), endOfTime)) }

func (c *gridClock) setSpeed(speed float64) {
	c.anchor(c.now())
	c.record.Speed = speed
}

func (c *gridClock) setStepped(stepped bool) {
	c.anchor(c.now())
	c.record.Stepped = stepped
}
