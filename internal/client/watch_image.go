// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import "fmt"

// imageWaiter holds the state of a wait for an image between polls.
type imageWaiter struct {
	wait     ImageWait
	object   string
	missing  int
	sighting string
	last     string
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
	absent := seen.absent[i.wait.ID]
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

// find returns a copy of the image, nil if the look lacks it.
func (i *imageWaiter) find(seen *look[Image]) *Image {
	found := seen.get(idKey(i.wait.ID))
	if found == nil {
		return nil
	}
	image := *found
	return &image
}
