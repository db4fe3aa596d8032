// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
	"time"
)

// maxMissingPolls is how many polls in a row something may be missing, an object or a
// job that ought to be there.
const maxMissingPolls = 3

// absenceTimeout is how long a server that was added must be missing before it
// counts as gone, unless a job shows that it was deleted. A list may lag behind
// the add by minutes.
const absenceTimeout = 5 * time.Minute

// serverWaiter holds the state of a wait for a server between polls.
type serverWaiter struct {
	wait   ServerWait
	object string
	// id, name and address are what is known of the server by now.
	id      int64
	name    string
	address string
	// pollsMissing and jobless count polls in a row.
	pollsMissing    int
	pollsWithoutJob int
	// missingSince and failingSince are when the server was first proven to be
	// absent, and its job first seen as failed; zero while that is not so.
	missingSince time.Time
	failingSince time.Time
	// lastSeen is the newest sight of the server in words, empty if there was none.
	lastSeen string
	status   string
}

func newServerWaiter(wait ServerWait) *waiter[Server] {
	if wait.NeedsJob && wait.Job == "" {
		wait.Job = JobAny
	}
	if wait.Done == nil {
		wait.Done = func(s *Server) bool { return s != nil && !s.Pending() && s.State.Matches(StateOn) }
	}
	s := &serverWaiter{
		wait: wait, object: describeServer(wait), id: wait.ID, name: wait.Name, address: wait.Address, status: "nothing yet",
	}
	return &waiter[Server]{operation: wait.Operation, object: s.object, wantsJobs: wait.Job != "" || wait.Idle, evaluate: s.evaluate, missing: s.missingIn}
}

func describeServer(wait ServerWait) string {
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

// missingIn names the server if the list lacks it.
func (s *serverWaiter) missingIn(result *pollResult[Server]) (id int64, address string) {
	switch {
	case s.find(result) != nil:
		return 0, ""
	case s.id != 0:
		return s.id, ""
	default:
		return 0, s.address
	}
}

func (s *serverWaiter) evaluate(result *pollResult[Server]) verdict[Server] {
	server := s.find(result)
	job := s.job(result.jobs)
	absent := server == nil && s.absent(result)
	deletion := s.deletionJob(server, result)
	s.note(server, absent, job, deletion)
	switch {
	case (server != nil || absent) && deletion == nil && s.wait.Done(server) && s.jobDone(result, job):
		return verdict[Server]{ended: true, item: server}
	case s.wait.Idle && server != nil && !result.jobsFailed && result.jobs.unfinishedOfServer(s.name, s.address) == nil:
		return verdict[Server]{ended: true, item: server}
	case s.failed(result, job, absent):
		return verdict[Server]{ended: true, err: newJobError(s.wait.Operation, s.object, job)}
	case s.gone(result, absent, job):
		return verdict[Server]{ended: true, err: &GoneError{Operation: s.wait.Operation, Object: s.object, Last: s.status}}
	default:
		return verdict[Server]{status: s.status, statusUnknown: server == nil && !absent}
	}
}

// deletionJob returns the job that deletes a listed server. It is nil if there is
// none, or if no jobs were listed. A server in deletion passes through states
// that other waits wait for, so only its absence or the failure of the deletion
// ends a wait.
func (s *serverWaiter) deletionJob(server *Server, result *pollResult[Server]) *Job {
	if server == nil {
		return nil
	}
	return result.jobs.deletionOfServer(s.name, s.address)
}

// absent reports whether it is proven that the server is not there. A server
// without an id cannot be looked at directly: its address must be free, or held
// by another server, and no job may be making it.
func (s *serverWaiter) absent(result *pollResult[Server]) bool {
	if s.id != 0 {
		return result.absent[s.id]
	}
	if result.incomplete != nil || result.jobsFailed {
		return false
	}
	newest := result.jobs.newestOfServer(s.name, s.address, JobAny)
	held := result.get(addressKey(s.address)) != nil // find has not taken it for the server
	return (held || result.vacant[s.address]) && (newest == nil || !createsServer(newest))
}

// find returns a copy of the server. Without an id it is the one at the
// address, if it also has the name: an address belongs to one server at a time,
// but perhaps to another by now.
func (s *serverWaiter) find(result *pollResult[Server]) *Server {
	var found *Server
	if s.id != 0 {
		found = result.get(idKey(s.id))
	} else if at := result.get(addressKey(s.address)); at != nil && (s.name == "" || strings.EqualFold(at.Name, s.name)) {
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
func (s *serverWaiter) jobDone(result *pollResult[Server], job *Job) bool {
	switch {
	case !s.wait.NeedsJob:
		return true
	case result.jobsFailed:
		return false
	case result.jobs == nil:
		return true
	case job != nil:
		s.pollsWithoutJob = 0
		return job.Succeeded()
	default:
		s.pollsWithoutJob++
		return s.pollsWithoutJob >= maxMissingPolls
	}
}

// failed reports whether the job ends the wait. A server that is listed while it
// is being made may have another job: an old list of jobs shows the failed job of
// an earlier server. Then the job must have been the newest for a while.
func (s *serverWaiter) failed(result *pollResult[Server], job *Job, absent bool) bool {
	if job == nil || !job.Failed() || s.wait.Idle {
		s.failingSince = time.Time{}
		return false
	}
	if s.failingSince.IsZero() {
		s.failingSince = result.polledAt
	}
	return s.id != 0 || absent || result.polledAt.Sub(s.failingSince) >= absenceTimeout
}

// gone reports whether the server will not appear any more. A server that was
// just added may be missing from lists for a while.
func (s *serverWaiter) gone(result *pollResult[Server], absent bool, job *Job) bool {
	if !absent || (job != nil && !job.Finished()) {
		s.pollsMissing, s.missingSince = 0, time.Time{}
		return false
	}
	s.pollsMissing++
	if s.missingSince.IsZero() {
		s.missingSince = result.polledAt
	}
	newest := result.jobs.newestOfServer(s.name, s.address, JobAny)
	// Without a sight of the server the job may have deleted an earlier one.
	deleted := s.lastSeen != "" && newest != nil && newest.Command.Matches(JobDeleteVirtualServer)
	return s.pollsMissing >= maxMissingPolls && (s.id != 0 || deleted || result.polledAt.Sub(s.missingSince) >= absenceTimeout)
}

// note records the newest sight of the server in words. The words keep the last
// sight while the server is missing.
func (s *serverWaiter) note(server *Server, absent bool, job, deletion *Job) {
	switch {
	case server == nil:
		s.status = describeMissing(s.lastSeen, absent) + describeJob(job)
		return
	case server.Pending():
		s.lastSeen = "being provisioned, without an id"
	default:
		s.lastSeen = fmt.Sprintf("id %d, state %s", server.ID, server.State.Name)
	}
	s.status = s.lastSeen + describeJob(job)
	if deletion != nil && (job == nil || deletion.ID != job.ID) {
		s.status += describeJob(deletion)
	}
}

// describeMissing describes an object that the newest list lacks.
func describeMissing(lastSeen string, absent bool) string {
	words := "not in the newest list"
	if lastSeen != "" {
		words = lastSeen + "; then " + words
	}
	if !absent {
		words += ", which proves nothing"
	}
	return words
}
