// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
	"time"
)

// maxMissingPolls is the number of consecutive polls after which a missing
// object counts as gone and a wait no longer expects a missing job.
const maxMissingPolls = 3

// absenceTimeout is how long a new server must be missing before it counts as gone,
// unless a job shows its deletion. A list may lag behind an add by minutes.
const absenceTimeout = 5 * time.Minute

// serverWaiter holds the state of a wait for a server between polls.
type serverWaiter struct {
	wait   ServerWait
	object string
	// id, name and address identify the server, as far as they are known.
	id      int64
	name    string
	address string
	// pollsMissing and pollsWithoutJob count consecutive polls.
	pollsMissing    int
	pollsWithoutJob int
	// missingSince is the time at which the server was first proven absent.
	// failingSince is the time at which its newest job was first seen as failed.
	// Both are zero otherwise.
	missingSince time.Time
	failingSince time.Time
	// lastSeen describes the server as a poll last showed it. It is empty if no
	// poll has shown the server.
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

// missingIn returns the id or the address of the server if the list lacks the
// server, or zero values if it does not.
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

// deletionJob returns the job that deletes a listed server, or nil if there is
// none or no jobs were listed. A server that is being deleted passes through
// states that other waits expect. So a wait ends only when the server is absent
// or its deletion has failed.
func (s *serverWaiter) deletionJob(server *Server, result *pollResult[Server]) *Job {
	if server == nil {
		return nil
	}
	return result.jobs.deletionOfServer(s.name, s.address)
}

// absent reports whether the server is proven to be absent. A server without an
// id cannot be looked up. Such a server is absent if its address is free or
// belongs to another server, and no job is creating the server.
func (s *serverWaiter) absent(result *pollResult[Server]) bool {
	if s.id != 0 {
		return result.absent[s.id]
	}
	if result.incomplete != nil || result.jobsFailed {
		return false
	}
	newest := result.jobs.newestOfServer(s.name, s.address, JobAny)
	held := result.get(addressKey(s.address)) != nil // find has already rejected the server at this address
	return (held || result.vacant[s.address]) && (newest == nil || !createsServer(newest))
}

// find returns a copy of the server, or nil if the list lacks it. If the id is
// not known, find looks for the address. The name must also match, because the
// address may now belong to another server.
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

// job returns the newest job that has the command of the wait. If the wait
// needs a job and no job has that command, it returns the newest job of any
// command.
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

// jobDone reports whether the state of the job allows the wait to end.
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

// failed reports whether a failed job ends the wait. An old list of jobs may
// show the failed job of an earlier server. So if the server has no id and may
// still exist, the failed job must remain the newest job for absenceTimeout.
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

// gone reports whether the server counts as gone. For some minutes, lists may
// lack a server that was just added.
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
	// If no poll has shown this server, the deletion may concern an earlier
	// server.
	deleted := s.lastSeen != "" && newest != nil && newest.Command.Matches(JobDeleteVirtualServer)
	return s.pollsMissing >= maxMissingPolls && (s.id != 0 || deleted || result.polledAt.Sub(s.missingSince) >= absenceTimeout)
}

// note records a description of the server for error messages. While the server
// is missing, the description still contains its last known state.
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
