// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"time"
)

// imageWaiter holds the state of a wait for an image between polls.
type imageWaiter struct {
	wait    ImageWait
	object  string
	missing int
	// missingSince is when the image was first proven to be absent; zero while it
	// is not.
	missingSince time.Time
	sighting     string
	last         string
}

func newImageWaiter(wait ImageWait) *waiter[Image] {
	if wait.Done == nil {
		wait.Done = func(i *Image) bool { return i != nil && i.State.Matches(ImageAvailable) }
	}
	i := &imageWaiter{wait: wait, object: fmt.Sprintf("image %q (id %d)", wait.FriendlyName, wait.ID), last: "nothing yet"}
	if wait.FriendlyName == "" {
		i.object = fmt.Sprintf("image %d", wait.ID)
	}
	return &waiter[Image]{operation: wait.Operation, object: i.object, wantsJobs: wait.Job != "" && wait.FriendlyName != "", judge: i.judge, missing: i.lacks}
}

// lacks names the image if the list lacks it.
func (i *imageWaiter) lacks(seen *look[Image]) (int64, string) {
	if seen.get(idKey(i.wait.ID)) != nil {
		return 0, ""
	}
	return i.wait.ID, ""
}

func (i *imageWaiter) judge(seen *look[Image]) verdict[Image] {
	image := i.find(seen)
	absent := i.absent(seen)
	if absent {
		i.missing++
	} else {
		i.missing = 0
	}
	var job *Job
	if i.wait.Job != "" {
		job = seen.jobs.newestOfImage(i.wait.FriendlyName, i.wait.Job)
	}
	if image != nil {
		i.sighting = "state " + image.State.Name
		i.last = i.sighting + jobInWords(job)
	} else {
		i.last = missingInWords(i.sighting, absent) + jobInWords(job)
	}
	switch {
	case (image != nil || absent) && i.wait.Done(image):
		return verdict[Image]{ended: true, item: image}
	case job != nil && job.Failed():
		return verdict[Image]{ended: true, err: newJobError(i.wait.Operation, i.object, job)}
	case i.missing >= patience && (job == nil || job.Finished()):
		return verdict[Image]{ended: true, err: &GoneError{Operation: i.wait.Operation, Object: i.object, Last: i.last}}
	default:
		return verdict[Image]{seen: i.last, unseen: image == nil && !absent}
	}
}

// absent reports whether it is proven that the image is not there. Lists and
// direct looks may lag behind a save, so an image that was asked for and was not
// seen yet must stay absent for a while.
func (i *imageWaiter) absent(seen *look[Image]) bool {
	if !seen.absent[i.wait.ID] {
		i.missingSince = time.Time{}
		return false
	}
	if i.missingSince.IsZero() {
		i.missingSince = seen.at
	}
	return i.wait.Operation != OperationSaveImage || i.sighting != "" || seen.at.Sub(i.missingSince) >= vanishTime
}

// find returns a copy of the image, nil if the look lacks it.
func (i *imageWaiter) find(seen *look[Image]) *Image {
	found := seen.get(idKey(i.wait.ID))
	if found == nil {
		return nil
	}
	image := *found
	return &image
}
