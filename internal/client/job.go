// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
	"time"
)

// Names of job states, the lookup "job.state".
const (
	JobCreated    = "Created"
	JobQueued     = "Queued"
	JobProcessing = "Processing"
	JobSucceeded  = "Succeeded"
	JobFailed     = "Failed"
	JobCanceled   = "Canceled"
	JobFatal      = "Fatal"
)

// Names of job commands, the lookup "job.command". Those of stop, edit and save
// were never recorded; the wait does not depend on them alone (see
// [ServerWait.NeedsJob]).
const (
	JobCreateVirtualServer  = "CreateVirtualServer"
	JobDeleteVirtualServer  = "DeleteVirtualServer"
	JobStartVirtualServer   = "StartVirtualServer"
	JobStopVirtualServer    = "StopVirtualServer"
	JobRestartVirtualServer = "RestartVirtualServer"
	JobUpdateVirtualServer  = "UpdateVirtualServer"
	JobSaveServerImage      = "SaveServerImage"
	JobCreateLoadBalancer   = "CreateLoadBalancer"
	JobUpdateLoadBalancer   = "UpdateLoadBalancer"
	JobDeleteLoadBalancer   = "DeleteLoadBalancer"
)

// JobAny stands for whatever command a job has, where the name of the right one
// was never recorded: see [ServerWait.Job].
const JobAny = "*"

// Names of the kinds of objects that jobs work on, the lookup "job.objecttype".
const (
	JobObjectVirtualServer = "VirtualServer"
	JobObjectLoadBalancer  = "LoadBalancer"
	JobObjectServerImage   = "ServerImage"
)

// Job is one asynchronous change. Answers to a change hold no job id: a job is
// found by the name of its object.
type Job struct {
	ID           int64
	Command      Option
	ObjectType   Option
	CurrentState Option
	Datacenter   Option
	Attempts     int64
	// Owner is an e-mail address; for a change made through the API it begins
	// with the API key, so treat it as a secret.
	Owner string
	// CreatedOn and LastUpdatedOn are on the grid's clock, which may be hours
	// from this machine's. LastUpdatedOn is zero on jobs that have not succeeded.
	CreatedOn     time.Time
	LastUpdatedOn time.Time
	// History is oldest first.
	History []JobState
	// Detail describes the object as it was asked for: for a server "name",
	// "ip", "image" (its name), "ram", "description". It holds no object id.
	Detail map[string]string
}

// JobState is one entry of a job's history.
type JobState struct {
	ID        int64
	State     Option
	UpdatedOn time.Time
	// Note is the reason of a failure; often empty.
	Note string
}

// State is the precise state of the job: the last entry of its history, since
// recorded answers show CurrentState lagging behind it.
func (j *Job) State() Option {
	if len(j.History) > 0 {
		return j.History[len(j.History)-1].State
	}
	return j.CurrentState
}

// Finished reports whether the job will not change any more, apart from a failed
// one that may yet be called fatal.
func (j *Job) Finished() bool { return j.Succeeded() || j.Failed() }

// Succeeded reports whether the job was carried out.
func (j *Job) Succeeded() bool { return j.State().Matches(JobSucceeded) }

// Failed reports whether the job ended without being carried out.
func (j *Job) Failed() bool {
	state := j.State()
	return state.Matches(JobFailed) || state.Matches(JobFatal) || state.Matches(JobCanceled)
}

// Reason is the last note of the job that says something, or "". Recorded jobs
// end with the note "Fatal" after the one that tells why.
func (j *Job) Reason() string {
	for i := len(j.History) - 1; i >= 0; i-- {
		note := strings.TrimSpace(j.History[i].Note)
		if note != "" && !strings.EqualFold(note, j.History[i].State.Name) {
			return note
		}
	}
	return ""
}

// String names the job for messages: "job 1500001 (CreateVirtualServer)".
func (j *Job) String() string { return fmt.Sprintf("job %d (%s)", j.ID, j.Command.Name) }
