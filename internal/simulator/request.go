// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// request is a parsed API request, before its method runs.
type request struct {
	grid    *Grid
	path    string
	method  *method // nil until the caller is authenticated and the method is found
	key     Key
	params  *params
	format  string
	version int
}

// answer checks the request and runs its method. It returns the response and
// the fault rule that applied, or nil if no rule applied.
func (q *request) answer(r *http.Request) (answer, *fault.Strike) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return q.refusal(&apiError{http.StatusMethodNotAllowed, codeIllegalArgument, "The API accepts only GET and POST."}), nil
	}
	var err error
	if q.params, err = readParams(r); err != nil {
		return q.refusal(err), nil
	}
	var known bool
	if q.key, known = q.grid.authenticate(q.params.values); !known {
		return notAuthorized(), nil
	}
	q.grid.recordCall(q.path, q.params.values)
	if err := q.resolve(); err != nil {
		return q.refusal(err), nil
	}
	return q.withFaults(r)
}

// resolve determines format, version and method of the request, and checks that the key may call the method.
func (q *request) resolve() error {
	format, known := wire.ParseFormat(q.params.values.Get("format"))
	if !known {
		return invalid("Parameter 'format' is '%s': it must be json, xml or csv.", q.params.values.Get("format"))
	}
	q.format = format
	m := q.grid.methods[q.path]
	if m == nil {
		return &apiError{http.StatusNotFound, codeNotFound, fmt.Sprintf("There is no method %s.", strings.ReplaceAll(strings.Trim(q.path, "/"), "/", "."))}
	}
	q.method = m
	var ok bool
	if q.version, ok = versionOf(q.params.values.Get("v")); !ok {
		q.version = wire.LatestVersion
		return invalid("Parameter 'v' is '%s': it must be an API version from 1.0 to 1.9.", q.params.values.Get("v"))
	}
	if !slices.Contains(m.roles, q.key.Role) {
		return &apiError{http.StatusUnauthorized, codeUnauthorized, fmt.Sprintf(
			"The role '%s' of your API key may not call %s: the role must be one of %q.", q.key.Role, m.name, m.roles)}
	}
	if q.grid.options.Strict {
		return q.params.refuseUnknown(m.params)
	}
	return nil
}

// versionOf returns the minor number of a version from 1.0 to 1.9, and reports whether the version is valid.
func versionOf(text string) (int, bool) {
	if len(text) != 3 || text[:2] != "1." || text[2] < '0' || text[2] > '9' {
		return 0, false
	}
	return int(text[2] - '0'), true
}

// perform runs the method on the current grid. If failJobs is true, the jobs of the call fail.
func (q *request) perform(failJobs bool) wire.Envelope {
	return q.run(func(now moment) *call {
		return &call{
			grid: q.grid, account: q.grid.accounts[q.key.Account], key: q.key, params: q.params, now: now, failJobs: failJobs,
		}
	})
}

// run prepares and runs a call with mu held. It returns only after all changes
// that the response shows are on disk, including the changes of other calls.
func (q *request) run(prepare func(now moment) *call) wire.Envelope {
	var done result
	var err error
	q.grid.step(func(now moment) { done, err = q.method.run(prepare(now)) })
	if failed := q.grid.store.Sync(); failed != nil {
		q.grid.log.Error("writing the state file failed", "error", failed)
		return q.refused(unexpected(failed.Error()))
	}
	if err != nil {
		return q.refused(err)
	}
	e := q.success()
	e.List, e.Total, e.Start, e.Pages = done.list, done.total, done.start, done.pages
	return e
}

// success returns a successful response without rows.
func (q *request) success() wire.Envelope {
	return wire.Envelope{Status: http.StatusOK, Path: q.path, Version: q.version}
}

func (q *request) refused(err error) wire.Envelope {
	known := asAPIError(err)
	return wire.Envelope{
		Status: known.status, Path: q.path, Failure: true, List: []*wire.Object{known.object()}, Total: 1, Version: q.version,
	}
}

func (q *request) refusal(err error) answer { return q.encoded(q.refused(err)) }

func (q *request) encoded(e wire.Envelope) answer {
	return answer{status: e.Status, contentType: wire.ContentType(q.format), body: e.Encode(q.format)}
}
