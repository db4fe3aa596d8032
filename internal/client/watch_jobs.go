// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"slices"
	"strings"
)

// jobIndex finds the newest job of an object. A nil jobIndex contains no jobs.
type jobIndex struct{ byName map[string][]*Job }

// newJobIndex indexes jobs by the name of their object, newest first. Newer jobs have
// larger ids.
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

// newestOfServer returns the newest job that runs the given command on the server
// with the given name and public address, or nil if there is none. An empty address
// matches all.
func (x *jobIndex) newestOfServer(name, address, command string) *Job {
	return x.newestOf(name, func(job *Job) bool {
		at := job.Detail["ip"]
		return (at == "" || address == "" || at == address) && hasCommand(job, command)
	})
}

// unfinishedOfServer returns the newest unfinished job of a server, or nil if there
// is none.
func (x *jobIndex) unfinishedOfServer(name, address string) *Job {
	return x.newestOf(name, func(job *Job) bool {
		at := job.Detail["ip"]
		return (at == "" || address == "" || at == address) && !job.Finished()
	})
}

// newestOf returns the newest job that fits accepts among the jobs of servers
// with the given name. It returns nil if there is none.
func (x *jobIndex) newestOf(name string, fits func(*Job) bool) *Job {
	return x.newest("name "+strings.ToLower(name), fits)
}

// newestOfImage returns the newest job that runs the given command on an image,
// or nil if there is none.
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

// describeJob returns the state and the reason of a job as a suffix for a
// description, or "" if job is nil.
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
