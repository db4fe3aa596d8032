// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"time"
)

// pollResult is the result of a poll.
type pollResult[T any] struct {
	*indexedList[T]

	polledAt time.Time
	// incomplete says why the list may lack objects, nil if it surely does not.
	incomplete error
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

// poll lists the jobs first, so that an object is never older than its job.
func (p *poller[T]) poll(ctx context.Context, round pollRound[T]) (*pollResult[T], error) {
	result := &pollResult[T]{}
	if round.wantsJobs {
		jobs, err := p.source.jobs(ctx, jobsFor(len(round.waiters)))
		switch {
		case IsDenied(err) && p.source.isPermanentRefusal(err):
			p.mu.Lock()
			p.denied = true
			p.mu.Unlock()
		case err != nil && p.source.isPermanentRefusal(err):
			return nil, err
		case err != nil:
			result.jobsFailed = true // the list of objects says enough to most waiters
		default:
			result.jobs = newJobIndex(jobs)
		}
	}
	found, err := p.source.list(ctx)
	if err != nil {
		return nil, err
	}
	result.polledAt, result.incomplete, result.indexedList = p.clock.Now(), found.incomplete, newIndexedList(found.items, p.source.keys)
	p.lookUpMissing(ctx, result, round)
	return result, nil
}

// jobsFor is how many of the newest jobs hold those of all waiters.
func jobsFor(waiting int) int { return min(max(defaultJobs, 3*waiting), 1000) }

// lookUpMissing looks directly at what the list lacks and a waiter waits for, in one
// call for all of it. Nothing is called while the list lacks nothing.
func (p *poller[T]) lookUpMissing(ctx context.Context, result *pollResult[T], round pollRound[T]) {
	missing := map[int64]bool{}
	addresses := false
	for w := range round.waiters {
		id, address := w.missing(result)
		if id != 0 {
			missing[id] = true
		}
		addresses = addresses || address != ""
	}
	if len(missing) > 0 {
		p.confirmMissing(ctx, result, missing)
	}
	if addresses && result.incomplete == nil && p.source.vacant != nil {
		if vacant, err := p.source.vacant(ctx); err == nil {
			result.vacant = vacant
		}
	}
}

// confirmMissing adds to the look which of the missing objects exist, and which are
// proven to be gone.
func (p *poller[T]) confirmMissing(ctx context.Context, result *pollResult[T], missing map[int64]bool) {
	ids := make([]int64, 0, len(missing))
	for id := range missing {
		ids = append(ids, id)
	}
	found, err := p.source.get(ctx, ids)
	switch {
	case IsNotFound(err):
		if result.incomplete == nil {
			result.absent = missing
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
			result.put(&found[i])
			p.source.found(&found[i])
			delete(missing, id)
		}
	}
	// An answer about some of the objects proves nothing of the others.
	if len(missing) > 0 && len(missing) < len(ids) {
		p.confirmMissing(ctx, result, missing)
	}
}
