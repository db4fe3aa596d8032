// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"
)

// GoGrid lists a server that it is deleting as On for a few polls, then as Off
// until the server is gone. Only the job of the deletion distinguishes such a
// server from a stopped one.

// DeletionOf returns the job that deletes the server with the given name and
// public address, or nil if there is none. The job may already have succeeded
// if the caller found the server in an older list. DeletionOf ignores failed
// deletions, and deletions before the creation of the server that now has the
// address.
func DeletionOf(jobs []Job, name, address string) *Job {
	return newJobIndex(jobs).deletionOfServer(name, address)
}

// deletionOfServer is [DeletionOf] for an index of jobs. The newest job alone
// does not show whether a server is being deleted, because the service accepts
// other commands during the deletion and then fails their jobs.
func (x *jobIndex) deletionOfServer(name, address string) *Job {
	found := x.newestOf(name, func(job *Job) bool {
		return job.Detail["ip"] == address && !job.Failed() &&
			(job.Command.Matches(JobDeleteVirtualServer) || job.Command.Matches(JobCreateVirtualServer))
	})
	if found == nil || found.Command.Matches(JobCreateVirtualServer) {
		return nil
	}
	return found
}

// Deletion returns the job that deletes a server of this snapshot. It returns
// nil if there is no such job, or if the API key may not list jobs. All readers
// of the same list of servers share one list of jobs. To save calls, use
// Deletion only for a server that is Off and should be On.
func (s *Snapshot) Deletion(ctx context.Context, server *Server) (*Job, error) {
	jobs, err := s.deletionJobs.listedAfter(ctx, s.readingID(), func(ctx context.Context) (*jobIndex, error) {
		jobs, err := listJobs(ctx, s.calls, url.Values{"job.objecttype": {JobObjectVirtualServer}}, jobPage)
		return s.allowedJobs(jobs, err)
	})
	if err != nil {
		return nil, err
	}
	return jobs.deletionOfServer(server.Name, server.IP.Address), nil
}

// FreshDeletion is like [Snapshot.Deletion], but fetches a new list of jobs.
// Use it before a change.
func (s *Snapshot) FreshDeletion(ctx context.Context, server *Server) (*Job, error) {
	jobs, err := s.allowedJobs(listJobs(ctx, s.calls, url.Values{"object": {server.Name}}, defaultJobs))
	if err != nil {
		return nil, err
	}
	return jobs.deletionOfServer(server.Name, server.IP.Address), nil
}

// allowedJobs indexes a list of jobs. If the API key may not list jobs, it
// returns a nil index, which has no jobs.
func (s *Snapshot) allowedJobs(jobs []Job, err error) (*jobIndex, error) {
	if IsDenied(err) && s.calls.history.isPermanentRefusal(err) {
		return nil, nil
	}
	return newJobIndex(jobs), err
}

// readingID identifies the newest state of the servers, which came from a list
// or from a direct lookup that found a server.
func (s *Snapshot) readingID() string {
	s.servers.mu.Lock()
	list := s.servers.storedFetch
	s.servers.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.FormatInt(list, 10) + "/" + strconv.FormatInt(s.directLookups, 10)
}

// deletionJobs caches the list of jobs that belongs to a reading of the servers
// (see readingID). The jobs must be listed after the servers, because a
// deletion may begin between the two calls.
type deletionJobs struct {
	flight singleflight.Group

	mu      sync.Mutex
	reading string // the reading of servers that jobs belongs to; empty if there is none
	jobs    *jobIndex
}

// listedAfter returns jobs that were listed after the given reading of servers.
// Concurrent callers share one call of list.
func (d *deletionJobs) listedAfter(ctx context.Context, reading string, list func(context.Context) (*jobIndex, error)) (*jobIndex, error) {
	if jobs, listed := d.listed(reading); listed {
		return jobs, nil
	}
	shared := context.WithoutCancel(ctx)
	done := d.flight.DoChan(reading, func() (any, error) {
		if _, listed := d.listed(reading); listed {
			return nil, nil
		}
		jobs, err := list(shared)
		if err == nil {
			d.mu.Lock()
			d.reading, d.jobs = reading, jobs
			d.mu.Unlock()
		}
		return nil, err
	})
	if err := await(ctx, done); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.jobs, nil // for this reading or a newer one
}

// listed returns the cached jobs and reports whether they belong to the given
// reading.
func (d *deletionJobs) listed(reading string) (*jobIndex, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.jobs, d.reading == reading
}
