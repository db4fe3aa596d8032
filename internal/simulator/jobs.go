// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// noteBusy is the recorded note of a job that failed because the object had another unfinished job.
const noteBusy = "There is already a pending request for this vm"

const (
	noteFatal       = "Fatal"
	noteFault       = "The platform could not carry out the request"
	creationDelay   = 80 * time.Millisecond  // from Created to Queued; recorded times are 0.07 to 0.1 s
	fatalDelay      = 500 * time.Millisecond // from Failed to Fatal
	currentStateLag = 500 * time.Millisecond // how long currentstate still shows Queued after the history shows Processing
)

// outcome is the result of a job. The grid decides it when it creates the job.
type outcome byte

const (
	succeeds   outcome = iota
	fails              // the work of the job fails
	objectBusy         // the object has another unfinished job, so the work never begins
	noEffect           // the command has no effect in the state of the object
)

// work describes a job to create.
type work struct {
	command    int
	objectType int
	object     string
	objectID   int64
	owner      string
	datacenter int
	detail     []jobDetail
	duration   time.Duration
	outcome    outcome
}

// startJob creates a job with all its future states. It returns the operation
// of the job; the caller sets the operation's kind.
func (g *Grid) startJob(a *account, w work, now moment) *operation {
	j := &job{
		ID: takeID(&g.next.Job), Account: a.ID, Command: w.command, ObjectType: w.objectType, Object: w.object, ObjectID: w.objectID,
		Owner: w.owner, Datacenter: w.datacenter, Created: now, Detail: w.detail,
	}
	r := draw(g.seed, drawJob, j.ID)
	t := g.options.Timings
	starts := now.add(vary(r, t.Queue, g.options.Jitter))
	ends := starts.add(vary(r, w.duration, g.options.Jitter))
	g.enter(j, jobCreated, now, "")
	g.enter(j, jobQueued, min(now.add(creationDelay), starts), "")
	switch w.outcome {
	case succeeds:
		g.enter(j, jobProcessing, starts, "")
		g.enter(j, jobSucceeded, ends, "")
	case fails:
		g.enter(j, jobProcessing, starts, "")
		g.enter(j, jobFailed, ends, noteFault)
		ends = ends.add(fatalDelay)
		g.enter(j, jobFatal, ends, noteFatal)
	case objectBusy:
		ends = starts.add(vary(r, t.JobRefused, g.options.Jitter))
		g.enter(j, jobFailed, ends, noteBusy)
		g.enter(j, jobFatal, ends.add(fatalDelay), noteFatal)
	case noEffect:
		ends = starts.add(vary(r, t.JobRefused, g.options.Jitter))
		g.enter(j, jobProcessing, starts, "")
		g.enter(j, jobFailed, ends, "")
		g.enter(j, jobFatal, ends.add(fatalDelay), "")
	}
	g.adoptJob(a, j)
	g.store.Put(store.Jobs, store.IDKey(j.ID), j)
	return &operation{Starts: starts, Ends: ends, Fails: w.outcome != succeeds}
}

// adoptJob adds a new or stored job to its account and schedules its events.
func (g *Grid) adoptJob(a *account, j *job) {
	a.jobs.add(j)
	for _, s := range j.History[min(shownAtOnce, len(j.History)):] {
		if s.At > g.clock.now() {
			g.due.add(event{at: s.At, kind: kindJob, account: a.ID, id: j.ID})
		}
	}
}

// shownAtOnce is the number of initial states that pass so quickly that no client waits for them: Created and Queued.
const shownAtOnce = 2

// enter adds a state to a job.
func (g *Grid) enter(j *job, state int, at moment, note string) {
	j.History = append(j.History, jobState{ID: takeID(&g.next.History), State: state, At: at, Note: note})
}

// past returns the states that the job has entered so far. It always returns the first state, even if the host's clock was set
// back.
func (j *job) past(now moment) []jobState {
	n := 1
	for n < len(j.History) && j.History[n].At <= now {
		n++
	}
	return j.History[:n]
}

// current returns the state that currentstate shows. In recorded responses,
// currentstate lagged behind the history when processing began.
func (j *job) current(now moment) jobState {
	past := j.past(now)
	last := past[len(past)-1]
	if last.State == jobProcessing && now < last.At.add(j.lag(len(past))) {
		return past[len(past)-2]
	}
	return last
}

// lag returns how long currentstate lags behind the history. The lag is at most half of the processing time, so that a quick job
// still shows Processing.
func (j *job) lag(next int) time.Duration {
	if next >= len(j.History) {
		return 0
	}
	return min(currentStateLag, j.History[next].At.sub(j.History[next-1].At)/2)
}

// owner returns the owner of a job that an API call starts, in the format of
// recorded jobs.
func (c *call) owner() string {
	return c.key.APIKey + "-" + strconv.FormatInt(c.account.ID, 10) + "@api.gogrid.com"
}
