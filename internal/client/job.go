// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// Names of job states, from the lookup "job.state".
const (
	JobCreated    = "Created"
	JobQueued     = "Queued"
	JobProcessing = "Processing"
	JobSucceeded  = "Succeeded"
	JobFailed     = "Failed"
	JobCanceled   = "Canceled"
	JobFatal      = "Fatal"
)

// Names of job commands, from the lookup "job.command". No recording shows the
// names for stop, edit and save, so a wait does not depend on them alone: see
// [ServerWait.NeedsJob].
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

// JobAny matches every command. Use it if no recording shows the name of the
// command: see [ServerWait.Job].
const JobAny = "*"

// Names of the object types that jobs work on, from the lookup
// "job.objecttype".
const (
	JobObjectVirtualServer = "VirtualServer"
	JobObjectLoadBalancer  = "LoadBalancer"
	JobObjectServerImage   = "ServerImage"
)

// Job is one asynchronous change. The answer to a change holds no job id, so jobs
// are found by the name of their object.
type Job struct {
	ID           int64
	Command      Option
	ObjectType   Option
	CurrentState Option
	Datacenter   Option
	Attempts     int64
	// Owner is an e-mail address. If the change was made through the API, the
	// address begins with the API key, so treat it as a secret.
	Owner string
	// CreatedOn and LastUpdatedOn are times of the grid's clock, which may differ
	// from the local clock by hours. LastUpdatedOn is zero unless the job succeeded.
	CreatedOn     time.Time
	LastUpdatedOn time.Time
	// History holds the states of the job, oldest first.
	History []JobState
	// Detail describes the requested object. For a server it holds "name", "ip",
	// "image" (its name), "ram" and "description". It holds no object id.
	Detail map[string]string
}

// JobState is one entry of a job's history.
type JobState struct {
	ID        int64
	State     Option
	UpdatedOn time.Time
	// Note gives the reason for a failure. It is often empty.
	Note string
}

// State returns the state of the job from the last entry of its history: in
// recorded answers CurrentState lags behind the history.
func (j *Job) State() Option {
	if len(j.History) > 0 {
		return j.History[len(j.History)-1].State
	}
	return j.CurrentState
}

// Finished reports whether the job succeeded or failed. After that, the state
// can change only from failed to fatal.
func (j *Job) Finished() bool { return j.Succeeded() || j.Failed() }

// Succeeded reports whether the job was carried out.
func (j *Job) Succeeded() bool { return j.State().Matches(JobSucceeded) }

// Failed reports whether the job ended without being carried out.
func (j *Job) Failed() bool {
	state := j.State()
	return state.Matches(JobFailed) || state.Matches(JobFatal) || state.Matches(JobCanceled)
}

// Reason returns the last note of the job that is not just the name of a state, or
// "". Recorded jobs end with the note "Fatal" after the note with the reason.
func (j *Job) Reason() string {
	for i := len(j.History) - 1; i >= 0; i-- {
		note := strings.TrimSpace(j.History[i].Note)
		if note != "" && !strings.EqualFold(note, j.History[i].State.Name) {
			return untrusted.Line(note)
		}
	}
	return ""
}

// String returns the job for messages: "job 1500001 (CreateVirtualServer)".
func (j *Job) String() string { return fmt.Sprintf("job %d (%s)", j.ID, j.Command.Name) }
