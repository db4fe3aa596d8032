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
	// incomplete is the reason why the list may lack objects, or nil.
	incomplete error
	// jobs is nil if the poll listed no jobs. jobsFailed is true if listing the
	// jobs failed.
	jobs       *jobIndex
	jobsFailed bool
	// absent holds the ids of objects that are proven to be gone: a complete list
	// lacks them, and a direct lookup did not find them.
	absent map[int64]bool
	// vacant holds the unassigned addresses. It is nil if the poll did not list
	// them.
	vacant map[string]bool
}

// poll lists jobs and objects for the waiters of a round. It lists the jobs
// first, so that the state of an object is never older than the state of its
// job.
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
			result.jobsFailed = true // most waiters need only the list of objects
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

// jobsFor returns how many of the newest jobs a poll must list to include the
// jobs of all waiters.
func jobsFor(waiting int) int { return min(max(defaultJobs, 3*waiting), 1000) }

// lookUpMissing looks up, in one call, the waiters' objects that the list
// lacks. If an object without an id is missing, it also lists the unassigned
// addresses.
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

// confirmMissing looks up missing objects. It records in the result which
// objects exist and which are proven to be gone.
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
	// An answer that shows some of the objects proves nothing about the others.
	if len(missing) > 0 && len(missing) < len(ids) {
		p.confirmMissing(ctx, result, missing)
	}
}
