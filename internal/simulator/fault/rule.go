// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"net/http"
	"time"
)

// When is the moment at which a rule strikes, relative to the effect of the call.
type When string

const (
	// Before means that the call changes nothing on the grid. The default.
	Before When = "before"
	// After means that the effect has happened, and only the answer is lost, wrong or late.
	After When = "after"
)

var whens = [...]When{Before, After}

// Totals says what the summary of a cut answer claims.
type Totals string

const (
	// TotalsRight keeps the true total; "returned" counts the rows that came. The default.
	TotalsRight Totals = "right"
	// TotalsMissing leaves the summary out.
	TotalsMissing Totals = "missing"
	// TotalsCut claims that the rows that came are all rows. No caller can detect the cut by counting.
	TotalsCut Totals = "cut"
)

var totals = [...]Totals{TotalsRight, TotalsMissing, TotalsCut}

const (
	defaultAge  = Duration(time.Minute)
	defaultSize = Size(50 << 20)
	largestSize = Size(64 << 30)
)

// Rule spoils calls. Only authenticated calls meet it.
type Rule struct {
	// Method is the name of a method, such as "grid.server.add", or "*" for all.
	Method string `json:"method"`
	// Kind is the kind of a fault.
	Kind Kind `json:"kind"`
	// When is "" for Before.
	When When `json:"when,omitempty"`
	// Times is how many calls the rule spoils. 0 means one, or without limit if there is a probability; -1 means without limit.
	Times int `json:"times,omitempty"`
	// Skip is how many matching calls pass first.
	Skip int `json:"skip,omitempty"`
	// Probability is the chance that the rule spoils a matching call, drawn from the grid's seed. 0 means always.
	Probability float64 `json:"probability,omitempty"`
	// Status is the HTTP status of Status (0 means 500) and HTML (0 means 503).
	Status int `json:"status,omitempty"`
	// Delay is how long the host waits before it continues, for every kind but SlowBody. For SlowBody, which requires it, it is
	// the time in which the body arrives.
	Delay Duration `json:"delay,omitempty"`
	// Field is the member that DropField and WrongType alter: a name, or a path into nested objects such as "ip.state.name".
	// "" draws a member of the row from the grid's seed for each answer.
	Field string `json:"field,omitempty"`
	// Rows is how many rows DropField and WrongType alter, counted from the first row that has the member. 0 means 1; -1 means all.
	Rows int `json:"rows,omitempty"`
	// Keep is how many rows Partial keeps. 0 means half of them, rounded down; -1 means none.
	Keep int `json:"keep,omitempty"`
	// Totals selects what the summary of Partial and NullList claims. "" means
	// TotalsRight.
	Totals Totals `json:"totals,omitempty"`
	// Age is how old the answer of Stale is, in grid time. 0 means one minute.
	Age Duration `json:"age,omitempty"`
	// Size is the size of the body of HugeBody. 0 means 50MiB.
	Size Size `json:"size,omitempty"`
}

// withDefaults fills in what a rule leaves out.
func (r Rule) withDefaults() Rule {
	if r.When == "" {
		r.When = Before
	}
	if r.Times == 0 {
		r.Times = 1
		if r.Probability > 0 {
			r.Times = -1
		}
	}
	switch r.Kind {
	case Status:
		fill(&r.Status, http.StatusInternalServerError)
	case HTML:
		fill(&r.Status, http.StatusServiceUnavailable)
	case Partial, NullList:
		fill(&r.Totals, TotalsRight)
	case DropField, WrongType:
		fill(&r.Rows, 1)
	case Stale:
		fill(&r.Age, defaultAge)
	case HugeBody:
		fill(&r.Size, defaultSize)
	}
	return r
}

func fill[T comparable](target *T, value T) {
	var zero T
	if *target == zero {
		*target = value
	}
}
