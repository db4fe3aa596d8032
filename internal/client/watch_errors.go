// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"time"
)

// WaitError is the error of a wait that was given up: its context ended, or the
// service refused the credential. It wraps the reason, such as
// [context.DeadlineExceeded], [context.Canceled] or an [Error].
type WaitError struct {
	Operation Operation
	// Object names what was waited for.
	Object string
	// Last describes the newest sight of the object.
	Last string
	// Elapsed is how long the wait took.
	Elapsed time.Duration
	// Err is the reason.
	Err error
	// Failure is the error of the last look, nil if that look succeeded.
	Failure error
	// StatusUnknown is true if the last look neither showed the object nor proved that it
	// is gone: the look failed, or its list was incomplete or contradicted.
	StatusUnknown bool
}

// Error names the change that was waited for, how long the wait took, why it
// ended, and the last sight of the object.
func (e *WaitError) Error() string {
	text := fmt.Sprintf("%s: %s was not done after %s: %v. Last seen: %s",
		e.Operation, e.Object, e.Elapsed.Round(time.Millisecond), e.Err, e.Last)
	if e.Failure != nil && !errors.Is(e.Err, e.Failure) {
		text += fmt.Sprintf(". The last look failed: %v", e.Failure)
	}
	return text
}

// Unwrap returns the reason.
func (e *WaitError) Unwrap() error { return e.Err }

// IsStatusUnknown reports whether a wait ended without a sight of its object: the
// service did not answer, or no answer shows the object or proves that it is
// gone. The change that was waited for has not been refused.
func IsStatusUnknown(err error) bool {
	var waited *WaitError
	return errors.As(err, &waited) && waited.StatusUnknown
}

// JobError is a change that GoGrid accepted and then could not carry out.
type JobError struct {
	Operation Operation
	// Object names what was to be changed.
	Object string
	// Reason is the note of the job, empty if there is none.
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
	// Last describes the newest sight of the object.
	Last string
}

// Error tells what vanished and what was seen of it.
func (e *GoneError) Error() string {
	return fmt.Sprintf("%s: %s is not on the grid (any more). Last seen: %s. "+
		"It was deleted elsewhere, or GoGrid gave up making it", e.Operation, e.Object, e.Last)
}
