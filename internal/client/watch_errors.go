// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"time"
)

// WaitError reports a wait that ended early: its context ended, or the service
// refused the credential. It wraps the reason, such as [context.DeadlineExceeded],
// [context.Canceled] or an [Error].
type WaitError struct {
	Operation Operation
	// Object describes the object that the wait was for.
	Object string
	// Last describes the object as the last poll showed it.
	Last string
	// Elapsed is the duration of the wait.
	Elapsed time.Duration
	// Err is the reason for the early end.
	Err error
	// Failure is the error of the last poll, or nil if that poll succeeded.
	Failure error
	// StatusUnknown is true if the last poll neither showed the object nor proved
	// that it is gone: the poll failed, or its list was incomplete or contradicted
	// another answer.
	StatusUnknown bool
}

// Error names the operation, the object, the duration of the wait, the reason for
// its end, and the object as the last poll showed it.
func (e *WaitError) Error() string {
	text := fmt.Sprintf("%s: %s was not done after %s: %v. Last seen: %s",
		e.Operation, e.Object, e.Elapsed.Round(time.Millisecond), e.Err, e.Last)
	if e.Failure != nil && !errors.Is(e.Err, e.Failure) {
		text += fmt.Sprintf(". The last poll failed: %v", e.Failure)
	}
	return text
}

// Unwrap returns the reason.
func (e *WaitError) Unwrap() error { return e.Err }

// IsStatusUnknown reports whether the status of the object was unknown when a
// wait ended. Either the service did not answer, or its answers neither showed
// the object nor proved that it is gone. The service has not refused the
// change.
func IsStatusUnknown(err error) bool {
	var waited *WaitError
	return errors.As(err, &waited) && waited.StatusUnknown
}

// JobError reports a change that GoGrid accepted and then failed to carry out.
type JobError struct {
	Operation Operation
	// Object describes the changed object.
	Object string
	// Reason is the note in the failed job. It may be empty.
	Reason string
	// Job is the failed job.
	Job Job
}

func newJobError(operation Operation, object string, job *Job) *JobError {
	return &JobError{Operation: operation, Object: object, Reason: job.Reason(), Job: *job}
}

// Error names the operation, the object, the failed job and its reason.
func (e *JobError) Error() string {
	reason := e.Reason
	if reason == "" {
		reason = "it gives no reason"
	}
	return fmt.Sprintf("%s: GoGrid accepted the change of %s, but its %s ended as %s: %s",
		e.Operation, e.Object, e.Job.String(), e.Job.State().Name, reason)
}

// GoneError reports that an object disappeared from the grid during a wait for
// another change.
type GoneError struct {
	Operation Operation
	// Object describes the object.
	Object string
	// Last describes the object as the last poll showed it.
	Last string
}

// Error names the operation, the object, and the object as the last poll showed it.
func (e *GoneError) Error() string {
	return fmt.Sprintf("%s: %s is not on the grid (any more). Last seen: %s. "+
		"It was deleted outside this process, or GoGrid failed to create it", e.Operation, e.Object, e.Last)
}
