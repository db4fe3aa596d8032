// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"strconv"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

const (
	jobPage   = 100
	jobWindow = 4 * 7 * 24 * time.Hour
)

func jobMethods() []method {
	return []method{
		{
			"grid.job.list", changeRoles(), []string{
				"num_items", "page", "startdate", "enddate", "job.objecttype", "job.state", "owner", "object", "datacenter",
			}, listJobs,
		},
		{"grid.job.get", changeRoles(), []string{"id", "job"}, getJobs},
	}
}

// listJobs lists jobs, newest first. By default it lists at most 100 jobs of
// the last four weeks.
func listJobs(c *call) (result, error) {
	p, lookups := c.params, c.grid.catalog
	from := p.moment("startdate", c.now, c.now.add(-jobWindow))
	to := p.moment("enddate", c.now, c.now)
	kinds := p.options(lookups.jobObject, "job.objecttype")
	states := p.options(lookups.jobState, "job.state")
	datacenters := p.options(lookups.datacenter, "datacenter")
	owner, _ := p.text("owner")
	object, _ := p.text("object")
	found := filter(c.account.jobs.items, func(j *job) bool {
		return j.Created >= from && j.Created <= to && matchesAny(j.ObjectType, kinds) && matchesAny(j.Datacenter, datacenters) &&
			(owner == "" || j.Owner == owner) && (object == "" || j.Object == object || c.hasID(j, object)) &&
			(len(states) == 0 || matchesAny(j.current(c.now).State, states))
	})
	slices.Reverse(found)
	return paged(p, jobPage, found, c.jobView)
}

// hasID reports whether text is the id of the job's object.
func (c *call) hasID(j *job, text string) bool {
	id, err := strconv.ParseInt(text, 10, 64)
	return err == nil && j.ObjectID == id
}

func (c *call) jobView(j *job) *wire.Object { return c.grid.jobView(j, c.now) }

func getJobs(c *call) (result, error) {
	found, err := selectMany(c.params, "job", false, c.account.jobs.items)
	if err != nil {
		return result{}, err
	}
	return whole(views(found, c.jobView)), nil
}
