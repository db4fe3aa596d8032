// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"time"
)

// look is the result of a poll.
type look[T any] struct {
	*rows[T]

	at time.Time
	// doubt says why the list may lack objects, nil if it surely does not.
	doubt error
	// jobs is nil if no jobs were listed; jobsFailed reports that listing the
	// jobs failed.
	jobs       *jobIndex
	jobsFailed bool
	// absent holds the ids that are proven to be gone: a complete list lacks them,
	// and a direct look says that they do not exist.
	absent map[int64]bool
	// vacant holds the addresses that are free, as far as they were looked at.
	vacant map[string]bool
}

// look lists the jobs first, so that an object is never older than its job.
func (p *poller[T]) look(ctx context.Context, round round[T]) (*look[T], error) {
	seen := &look[T]{}
	if round.wantsJobs {
		jobs, err := p.source.jobs(ctx, jobsFor(len(round.members)))
		switch {
		case IsDenied(err) && p.source.refuses(err):
			p.mu.Lock()
			p.denied = true
			p.mu.Unlock()
		case err != nil && p.source.refuses(err):
			return nil, err
		case err != nil:
			seen.jobsFailed = true // the list of objects says enough to most waiters
		default:
			seen.jobs = newJobIndex(jobs)
		}
	}
	found, err := p.source.list(ctx)
	if err != nil {
		return nil, err
	}
	seen.at, seen.doubt, seen.rows = p.clock.Now(), found.doubt, newRows(found.items, p.source.keys)
	p.prove(ctx, seen, round)
	return seen, nil
}

// jobsFor is how many of the newest jobs hold those of all waiters.
func jobsFor(waiting int) int { return min(max(defaultJobs, 3*waiting), 1000) }

// prove looks directly at what the list lacks and a waiter waits for, in one
// call for all of it. Nothing is called while the list lacks nothing.
func (p *poller[T]) prove(ctx context.Context, seen *look[T], round round[T]) {
	missing := map[int64]bool{}
	addresses := false
	for w := range round.members {
		id, address := w.missing(seen)
		if id != 0 {
			missing[id] = true
		}
		addresses = addresses || address != ""
	}
	if len(missing) > 0 {
		p.proveGone(ctx, seen, missing)
	}
	if addresses && seen.doubt == nil && p.source.vacant != nil {
		if vacant, err := p.source.vacant(ctx); err == nil {
			seen.vacant = vacant
		}
	}
}

// proveGone adds to the look which of the missing objects exist, and which are
// proven to be gone.
func (p *poller[T]) proveGone(ctx context.Context, seen *look[T], missing map[int64]bool) {
	ids := make([]int64, 0, len(missing))
	for id := range missing {
		ids = append(ids, id)
	}
	found, err := p.source.get(ctx, ids)
	switch {
	case IsNotFound(err):
		if seen.doubt == nil {
			seen.absent = missing
			for id := range missing {
				p.source.gone(id)
			}
		}
		return
	case err != nil:
		return
	}
	for i := range found {
		if id := p.source.id(&found[i]); missing[id] {
			seen.put(&found[i])
			p.source.found(&found[i])
			delete(missing, id)
		}
	}
	// An answer about some of the objects proves nothing of the others.
	if len(missing) > 0 && len(missing) < len(ids) {
		p.proveGone(ctx, seen, missing)
	}
}
