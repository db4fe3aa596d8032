// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
)

// patience is how many polls in a row something may be missing, an object or a
// job that ought to be there.
const patience = 3

// serverWaiter is what a wait for a server remembers from poll to poll.
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
	last    string
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
	return &waiter[Server]{operation: wait.Operation, object: s.object, wantsJobs: wait.Job != "", judge: s.judge}
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

func (s *serverWaiter) judge(seen *look[Server]) verdict[Server] {
	server := s.find(seen)
	job := s.job(seen.jobs)
	s.note(server, job)
	switch {
	case s.wait.Done(server) && s.jobDone(seen, job):
		return verdict[Server]{ended: true, item: server}
	case job != nil && job.Failed():
		return verdict[Server]{ended: true, err: newJobError(s.wait.Operation, s.object, job)}
	case s.gone(server, job):
		return verdict[Server]{ended: true, err: &GoneError{Operation: s.wait.Operation, Object: s.object, Last: s.last}}
	default:
		return verdict[Server]{seen: s.last}
	}
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

// jobDone tells whether the job does not keep the wait from ending.
func (s *serverWaiter) jobDone(seen *look[Server], job *Job) bool {
	switch {
	case !s.wait.NeedsJob || seen.jobs == nil:
		return true
	case job != nil:
		s.jobless = 0
		return job.Succeeded()
	default:
		s.jobless++
		return s.jobless >= patience
	}
}

// gone tells whether the server will not come (back). While its job is at work
// it may.
func (s *serverWaiter) gone(server *Server, job *Job) bool {
	if server != nil || (job != nil && !job.Finished()) {
		s.missing = 0
		return false
	}
	s.missing++
	return s.missing >= patience
}

// note remembers what is seen, in words. What was seen of a server that is
// missing now is worth more than that it is missing.
func (s *serverWaiter) note(server *Server, job *Job) {
	switch {
	case server == nil && s.last == "nothing yet":
		s.last = "not in the list of servers" + jobInWords(job)
	case server == nil:
	case server.Pending():
		s.last = "being provisioned, without an id" + jobInWords(job)
	default:
		s.last = fmt.Sprintf("id %d, state %s%s", server.ID, server.State.Name, jobInWords(job))
	}
}
