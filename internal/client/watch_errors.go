// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"time"
)

// WaitError is a wait that was given up: its context ended, or the service
// could not be asked any more. It wraps the reason, such as
// [context.DeadlineExceeded], [context.Canceled] or an [Error].
type WaitError struct {
	Operation Operation
	// Object names what was waited for.
	Object string
	// Last is what was seen last, in words.
	Last string
	// Elapsed is how long the wait took.
	Elapsed time.Duration
	// Err is the reason.
	Err error
}

// Error tells what was waited for, how long, why no longer, and what was seen.
func (e *WaitError) Error() string {
	return fmt.Sprintf("%s: %s was not done after %s: %v. Last seen: %s",
		e.Operation, e.Object, e.Elapsed.Round(time.Millisecond), e.Err, e.Last)
}

// Unwrap returns the reason.
func (e *WaitError) Unwrap() error { return e.Err }

// JobError is a change that GoGrid accepted and then could not carry out.
type JobError struct {
	Operation Operation
	// Object names what was to be changed.
	Object string
	// Reason is what the job says, empty if it says nothing.
	Reason string
	// Job is the failed job.
	Job Job
}

func newJobError(operation Operation, object string, job *Job) *JobError {
	return &JobError{Operation: operation, Object: object, Reason: job.Reason(), Job: *job}
}

// Error tells what failed and the reason the job gives.
func (e *JobError) Error() string {
	reason := e.Reason
	if reason == "" {
		reason = "it gives no reason"
	}
	return fmt.Sprintf("%s: GoGrid accepted the change of %s, but its %s ended as %s: %s",
		e.Operation, e.Object, e.Job.String(), e.Job.State().Name, reason)
}

// GoneError is an object that vanished from the grid while something else was
// waited for.
type GoneError struct {
	Operation Operation
	// Object names what vanished.
	Object string
	// Last is what was seen last, in words.
	Last string
}

// Error tells what vanished and what was seen of it.
func (e *GoneError) Error() string {
	return fmt.Sprintf("%s: %s is not on the grid (any more). Last seen: %s. "+
		"It was deleted elsewhere, or GoGrid gave up making it", e.Operation, e.Object, e.Last)
}
