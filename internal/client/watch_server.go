// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
	"time"
)

// patience is how many polls in a row something may be missing, an object or a
// job that ought to be there.
const patience = 3

// vanishTime is how long a server that was added must be missing before it
// counts as gone, unless a job shows that it was deleted. A list may lag behind
// the add by minutes.
const vanishTime = 5 * time.Minute

// serverWaiter holds the state of a wait for a server between polls.
type serverWaiter struct {
	wait   ServerWait
	object string
	// id, name and address are what is known of the server by now.
	id      int64
	name    string
	address string
	// missing and jobless count polls in a row.
	missing int
	jobless int
	// missingSince and failingSince are when the server was first proven to be
	// absent, and its job first seen as failed; zero while that is not so.
	missingSince time.Time
	failingSince time.Time
	// sighting is the newest sight of the server in words, empty if there was none.
	sighting string
	last     string
}

func newServerWaiter(wait ServerWait) *waiter[Server] {
	if wait.NeedsJob && wait.Job == "" {
		wait.Job = JobAny
	}
	if wait.Done == nil {
		wait.Done = func(s *Server) bool { return s != nil && !s.Pending() && s.State.Matches(StateOn) }
	}
	s := &serverWaiter{
		wait: wait, object: serverInWords(wait), id: wait.ID, name: wait.Name, address: wait.Address, last: "nothing yet",
	}
	return &waiter[Server]{operation: wait.Operation, object: s.object, wantsJobs: wait.Job != "" || wait.Idle, judge: s.judge, missing: s.lacks}
}

func serverInWords(wait ServerWait) string {
	words := []string{"server"}
	if wait.Name != "" {
		words = append(words, fmt.Sprintf("%q", wait.Name))
	}
	if wait.ID != 0 {
		words = append(words, fmt.Sprintf("(id %d)", wait.ID))
	}
	if wait.Address != "" {
		words = append(words, "at "+wait.Address)
	}
	return strings.Join(words, " ")
}

// lacks names the server if the list lacks it.
func (s *serverWaiter) lacks(seen *look[Server]) (id int64, address string) {
	switch {
	case s.find(seen) != nil:
		return 0, ""
	case s.id != 0:
		return s.id, ""
	default:
		return 0, s.address
	}
}

func (s *serverWaiter) judge(seen *look[Server]) verdict[Server] {
	server := s.find(seen)
	job := s.job(seen.jobs)
	absent := server == nil && s.absent(seen)
	leaving := s.leaving(server, seen)
	s.note(server, absent, job, leaving)
	switch {
	case (server != nil || absent) && leaving == nil && s.wait.Done(server) && s.jobDone(seen, job):
		return verdict[Server]{ended: true, item: server}
	case s.wait.Idle && server != nil && !seen.jobsFailed && seen.jobs.unfinishedOfServer(s.name, s.address) == nil:
		return verdict[Server]{ended: true, item: server}
	case s.failed(seen, job, absent):
		return verdict[Server]{ended: true, err: newJobError(s.wait.Operation, s.object, job)}
	case s.gone(seen, absent, job):
		return verdict[Server]{ended: true, err: &GoneError{Operation: s.wait.Operation, Object: s.object, Last: s.last}}
	default:
		return verdict[Server]{seen: s.last, unseen: server == nil && !absent}
	}
}

// leaving returns the job that deletes a listed server. It is nil if there is
// none, or if no jobs were listed. A server in deletion passes through states
// that other waits wait for, so only its absence or the failure of the deletion
// ends a wait.
func (s *serverWaiter) leaving(server *Server, seen *look[Server]) *Job {
	if server == nil {
		return nil
	}
	return seen.jobs.deletionOfServer(s.name, s.address)
}

// absent reports whether it is proven that the server is not there. A server
// without an id cannot be looked at directly: its address must be free, or held
// by another server, and no job may be making it.
func (s *serverWaiter) absent(seen *look[Server]) bool {
	if s.id != 0 {
		return seen.absent[s.id]
	}
	if seen.doubt != nil || seen.jobsFailed {
		return false
	}
	newest := seen.jobs.newestOfServer(s.name, s.address, JobAny)
	held := seen.get(addressKey(s.address)) != nil // find has not taken it for the server
	return (held || seen.vacant[s.address]) && (newest == nil || !makes(newest))
}

// find returns a copy of the server. Without an id it is the one at the
// address, if it also has the name: an address belongs to one server at a time,
// but perhaps to another by now.
func (s *serverWaiter) find(seen *look[Server]) *Server {
	var found *Server
	if s.id != 0 {
		found = seen.get(idKey(s.id))
	} else if at := seen.get(addressKey(s.address)); at != nil && (s.name == "" || strings.EqualFold(at.Name, s.name)) {
		found = at
	}
	if found == nil {
		return nil
	}
	server := *found
	s.id, s.name, s.address = server.ID, server.Name, server.IP.Address
	return &server
}

// job returns the newest job of the command that is waited for or, where a job
// is needed and none has that command, of any.
func (s *serverWaiter) job(jobs *jobIndex) *Job {
	if s.name == "" || s.wait.Job == "" {
		return nil
	}
	job := jobs.newestOfServer(s.name, s.address, s.wait.Job)
	if job == nil && s.wait.NeedsJob {
		job = jobs.newestOfServer(s.name, s.address, JobAny)
	}
	return job
}

// jobDone reports whether the job does not keep the wait from ending.
func (s *serverWaiter) jobDone(seen *look[Server], job *Job) bool {
	switch {
	case !s.wait.NeedsJob:
		return true
	case seen.jobsFailed:
		return false
	case seen.jobs == nil:
		return true
	case job != nil:
		s.jobless = 0
		return job.Succeeded()
	default:
		s.jobless++
		return s.jobless >= patience
	}
}

// failed reports whether the job ends the wait. A server that is listed while it
// is being made may have another job: an old list of jobs shows the failed job of
// an earlier server. Then the job must have been the newest for a while.
func (s *serverWaiter) failed(seen *look[Server], job *Job, absent bool) bool {
	if job == nil || !job.Failed() || s.wait.Idle {
		s.failingSince = time.Time{}
		return false
	}
	if s.failingSince.IsZero() {
		s.failingSince = seen.at
	}
	return s.id != 0 || absent || seen.at.Sub(s.failingSince) >= vanishTime
}

// gone reports whether the server will not appear any more. A server that was
// just added may be missing from lists for a while.
func (s *serverWaiter) gone(seen *look[Server], absent bool, job *Job) bool {
	if !absent || (job != nil && !job.Finished()) {
		s.missing, s.missingSince = 0, time.Time{}
		return false
	}
	s.missing++
	if s.missingSince.IsZero() {
		s.missingSince = seen.at
	}
	newest := seen.jobs.newestOfServer(s.name, s.address, JobAny)
	// Without a sight of the server the job may have deleted an earlier one.
	deleted := s.sighting != "" && newest != nil && newest.Command.Matches(JobDeleteVirtualServer)
	return s.missing >= patience && (s.id != 0 || deleted || seen.at.Sub(s.missingSince) >= vanishTime)
}

// note records the newest sight of the server in words. The words keep the last
// sight while the server is missing.
func (s *serverWaiter) note(server *Server, absent bool, job, leaving *Job) {
	switch {
	case server == nil:
		s.last = missingInWords(s.sighting, absent) + jobInWords(job)
		return
	case server.Pending():
		s.sighting = "being provisioned, without an id"
	default:
		s.sighting = fmt.Sprintf("id %d, state %s", server.ID, server.State.Name)
	}
	s.last = s.sighting + jobInWords(job)
	if leaving != nil && (job == nil || leaving.ID != job.ID) {
		s.last += jobInWords(leaving)
	}
}

// missingInWords describes an object that the newest list lacks.
func missingInWords(sighting string, absent bool) string {
	words := "not in the newest list"
	if sighting != "" {
		words = sighting + "; then " + words
	}
	if !absent {
		words += ", which proves nothing"
	}
	return words
}
