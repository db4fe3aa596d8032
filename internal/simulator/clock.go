// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "time"

// Clock is the host's time.
type Clock interface {
	// Now is the present time.
	Now() time.Time
	// After delivers the time once d has passed. Delayed answers wait for it.
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// moment is a point of grid time in milliseconds since the epoch, the resolution of the service's own times.
type moment int64

// endOfTime is the first moment of the year 9999. The grid's clock stops there: later times have no form in JSON.
const endOfTime moment = 253370764800000

func momentOf(t time.Time) moment { return moment(t.UnixMilli()) }

func (m moment) add(d time.Duration) moment     { return m + moment(d.Milliseconds()) }
func (m moment) sub(other moment) time.Duration { return time.Duration(m-other) * time.Millisecond }
func (m moment) time() time.Time                { return time.UnixMilli(int64(m)).UTC() }

// clockRecord ties the grid's time to the host's. It is stored, so that the grid's clock goes on over restarts.
type clockRecord struct {
	Wall    time.Time
	Grid    moment
	Speed   float64
	Hand    bool
	Stepped bool `json:",omitempty"`
}

// isManual reports whether grid time passes only when the clock is moved.
func (r clockRecord) isManual() bool { return r.Hand || r.Stepped }

// at computes the grid's time at a time of the host. A host clock that was set back stops the grid's for a while.
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

// anchor sets the present time of the clock.
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
