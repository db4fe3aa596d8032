// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"time"
)

// imageWaiter holds the state of a wait for an image between polls.
type imageWaiter struct {
	wait         ImageWait
	object       string
	pollsMissing int
	// missingSince is the time at which the image was first proven absent, or zero.
	missingSince time.Time
	lastSeen     string
	status       string
}

func newImageWaiter(wait ImageWait) *waiter[Image] {
	if wait.Done == nil {
		wait.Done = func(i *Image) bool { return i != nil && i.State.Matches(ImageAvailable) }
	}
	i := &imageWaiter{wait: wait, object: fmt.Sprintf("image %q (id %d)", wait.FriendlyName, wait.ID), status: "nothing yet"}
	if wait.FriendlyName == "" {
		i.object = fmt.Sprintf("image %d", wait.ID)
	}
	return &waiter[Image]{operation: wait.Operation, object: i.object, wantsJobs: wait.Job != "" && wait.FriendlyName != "", evaluate: i.evaluate, missing: i.missingIn}
}

// missingIn returns the id of the image if the list lacks the image, or 0 if it
// does not.
func (i *imageWaiter) missingIn(result *pollResult[Image]) (int64, string) {
	if result.get(idKey(i.wait.ID)) != nil {
		return 0, ""
	}
	return i.wait.ID, ""
}

func (i *imageWaiter) evaluate(result *pollResult[Image]) verdict[Image] {
	image := i.find(result)
	absent := i.absent(result)
	if absent {
		i.pollsMissing++
	} else {
		i.pollsMissing = 0
	}
	var job *Job
	if i.wait.Job != "" {
		job = result.jobs.newestOfImage(i.wait.FriendlyName, i.wait.Job)
	}
	if image != nil {
		i.lastSeen = "state " + image.State.Name
		i.status = i.lastSeen + describeJob(job)
	} else {
		i.status = describeMissing(i.lastSeen, absent) + describeJob(job)
	}
	switch {
	case (image != nil || absent) && i.wait.Done(image):
		return verdict[Image]{ended: true, item: image}
	case job != nil && job.Failed():
		return verdict[Image]{ended: true, err: newJobError(i.wait.Operation, i.object, job)}
	case i.pollsMissing >= maxMissingPolls && (job == nil || job.Finished()):
		return verdict[Image]{ended: true, err: &GoneError{Operation: i.wait.Operation, Object: i.object, Last: i.status}}
	default:
		return verdict[Image]{status: i.status, statusUnknown: image == nil && !absent}
	}
}

// absent reports whether the image is proven to be absent. Lists and direct
// lookups may lag behind a save. So a new image that no poll has shown counts
// as absent only after absenceTimeout.
func (i *imageWaiter) absent(result *pollResult[Image]) bool {
	if !result.absent[i.wait.ID] {
		i.missingSince = time.Time{}
		return false
	}
	if i.missingSince.IsZero() {
		i.missingSince = result.polledAt
	}
	return i.wait.Operation != OperationSaveImage || i.lastSeen != "" || result.polledAt.Sub(i.missingSince) >= absenceTimeout
}

// find returns a copy of the image, or nil if the poll did not show it.
func (i *imageWaiter) find(result *pollResult[Image]) *Image {
	found := result.get(idKey(i.wait.ID))
	if found == nil {
		return nil
	}
	image := *found
	return &image
}
