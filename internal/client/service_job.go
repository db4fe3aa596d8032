// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// JobService calls grid.job.*. Keys with the roles Read Only User and Billing User
// may not call it.
type JobService struct{ calls *caller }

// defaultJobs is the number of jobs that the service returns by default.
const defaultJobs = 100

// jobPage is the largest number of jobs that one call may return.
const jobPage = 1000

// JobFilter restricts a list of jobs. The zero value lists the newest 100 jobs of
// the last four weeks.
type JobFilter struct {
	// Object is the name of the object that the jobs change.
	Object string
	Owner  string
	// States and ObjectTypes are ids or names of options. A job matches if any
	// of the values matches.
	States      []string
	ObjectTypes []string
	// Since and Until are times on the grid's clock. Since defaults to four
	// weeks ago, and Until to the current time.
	Since time.Time
	Until time.Time
	// Limit is the maximum number of jobs to return. The default is 100.
	Limit      int
	Datacenter string
}

// List returns jobs, newest first.
func (s *JobService) List(ctx context.Context, filter JobFilter) ([]Job, error) {
	form := url.Values{"job.state": filter.States, "job.objecttype": filter.ObjectTypes}
	setText(form, "object", filter.Object)
	setText(form, "owner", filter.Owner)
	setText(form, "datacenter", filter.Datacenter)
	setTime(form, "startdate", filter.Since)
	setTime(form, "enddate", filter.Until)
	limit := filter.Limit
	if limit <= 0 {
		limit = defaultJobs
	}
	return listJobs(ctx, s.calls, form, limit)
}

// listJobs reads pages until it has limit jobs or there are no more. A job that
// starts between two calls pushes older jobs to the next page, so listJobs
// skips jobs that it has already read.
func listJobs(ctx context.Context, calls *caller, form url.Values, limit int) ([]Job, error) {
	size := min(limit, jobPage)
	form.Set("num_items", strconv.Itoa(size))
	var jobs []Job
	seen := make(map[int64]bool, size)
	for page := 0; len(jobs) < limit; page++ {
		form.Set("page", strconv.Itoa(page))
		items, summary, err := listPage(ctx, calls, "grid.job.list", form, wireJob.job, checkJobs)
		if err != nil {
			return nil, err
		}
		before := len(jobs)
		for i := range items {
			if !seen[items[i].ID] && len(jobs) < limit {
				seen[items[i].ID] = true
				jobs = append(jobs, items[i])
			}
		}
		if len(jobs) == before || lastPage(page, len(items), size, summary) {
			break
		}
	}
	return jobs, nil
}

// checkJobs returns an error for a page that may lack jobs. Otherwise a caller could
// mistake an older job for the newest job of its object.
func checkJobs(jobs []Job, totals summary) error {
	if err := checkReturned(jobs, totals); err != nil {
		return err
	}
	pages := max(1, int(totals.NumPages))
	switch {
	case !totals.Total.present:
		return errNoTotal
	case totals.NumPages > 0 && len(jobs) > 0 && totals.Start == 0 && len(jobs)*pages < int(totals.Total.value):
		return fmt.Errorf("it contains %d of %d jobs on the first of %d pages", len(jobs), totals.Total.value, pages)
	case len(jobs) == 0 && totals.Start == 0 && totals.Total.value > 0:
		return fmt.Errorf("it contains none of %d jobs", totals.Total.value)
	}
	seen := make(map[int64]bool, len(jobs))
	for i := range jobs {
		if seen[jobs[i].ID] {
			return fmt.Errorf("it contains job %d twice", jobs[i].ID)
		}
		seen[jobs[i].ID] = true
	}
	return nil
}

// lastPage reports whether a page is the last page. If the answer does not
// contain the number of pages, a page that is not full counts as the last page.
func lastPage(page, returned, size int, summary summary) bool {
	if summary.NumPages > 0 {
		return page+1 >= int(summary.NumPages)
	}
	return returned < size
}

// Get returns the jobs with the given ids. If all ids are unknown, [IsNotFound]
// is true for the error.
func (s *JobService) Get(ctx context.Context, ids ...int64) ([]Job, error) {
	return list(ctx, s.calls, "grid.job.get", idForm(ids...), wireJob.job)
}

// setTime sets a time in milliseconds since the epoch. The service also accepts
// other formats, but those depend on a time zone.
func setTime(form url.Values, name string, value time.Time) {
	if !value.IsZero() {
		form.Set(name, strconv.FormatInt(value.UnixMilli(), 10))
	}
}
