// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"slices"
	"strings"
)

// jobIndex finds the newest job of an object. nil knows no jobs.
type jobIndex struct{ byName map[string][]*Job }

// newJobIndex sorts the jobs newest first. Ids grow with time.
func newJobIndex(jobs []Job) *jobIndex {
	index := &jobIndex{byName: make(map[string][]*Job, len(jobs))}
	for i := range jobs {
		for _, member := range [...]string{"name", "friendlyName"} {
			if name := jobs[i].Detail[member]; name != "" {
				key := member + " " + strings.ToLower(name)
				index.byName[key] = append(index.byName[key], &jobs[i])
			}
		}
	}
	for _, found := range index.byName {
		slices.SortFunc(found, func(a, b *Job) int { return cmp.Compare(b.ID, a.ID) })
	}
	return index
}

// newestOfServer returns the newest job of the command for the server of that
// name and public address, nil if there is none.
func (x *jobIndex) newestOfServer(name, address, command string) *Job {
	return x.newestOf(name, func(job *Job) bool {
		at := job.Detail["ip"]
		return (at == "" || address == "" || at == address) && hasCommand(job, command)
	})
}

// unfinishedOfServer returns a job of the server that is not finished, nil if
// there is none.
func (x *jobIndex) unfinishedOfServer(name, address string) *Job {
	return x.newestOf(name, func(job *Job) bool {
		at := job.Detail["ip"]
		return (at == "" || address == "" || at == address) && !job.Finished()
	})
}

// newestOf returns the newest matching job of a server with the name.
func (x *jobIndex) newestOf(name string, fits func(*Job) bool) *Job {
	return x.newest("name "+strings.ToLower(name), fits)
}

// newestOfImage returns the newest job of the command for the image.
func (x *jobIndex) newestOfImage(friendlyName, command string) *Job {
	return x.newest("friendlyName "+strings.ToLower(friendlyName), func(job *Job) bool {
		return hasCommand(job, command)
	})
}

func hasCommand(job *Job, command string) bool {
	return command == JobAny || job.Command.Matches(command)
}

func (x *jobIndex) newest(key string, fits func(*Job) bool) *Job {
	if x == nil {
		return nil
	}
	for _, job := range x.byName[key] {
		if fits(job) {
			return job
		}
	}
	return nil
}

// describeJob adds what a job is at to a description.
func describeJob(job *Job) string {
	if job == nil {
		return ""
	}
	words := "; " + job.String() + " is " + job.State().Name
	if reason := job.Reason(); reason != "" {
		words += ": " + reason
	}
	return words
}
