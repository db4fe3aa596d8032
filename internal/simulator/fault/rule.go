// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"net/http"
	"time"
)

// When is the moment at which a rule applies, relative to the effect of the call.
type When string

const (
	// Before applies the rule before the call changes anything on the grid. This is the default.
	Before When = "before"
	// After applies the rule after the call has taken effect: only the response is lost, wrong or late.
	After When = "after"
)

var whens = [...]When{Before, After}

// Totals selects the summary of a response with missing rows.
type Totals string

const (
	// TotalsRight keeps the correct total; "returned" counts the rows of the response. This is the default.
	TotalsRight Totals = "right"
	// TotalsMissing leaves the summary out.
	TotalsMissing Totals = "missing"
	// TotalsCut sets the total to the number of remaining rows, so a caller cannot detect the missing rows by counting.
	TotalsCut Totals = "cut"
)

var totals = [...]Totals{TotalsRight, TotalsMissing, TotalsCut}

const (
	defaultAge  = Duration(time.Minute)
	defaultSize = Size(50 << 20)
	largestSize = Size(64 << 30)
)

// Rule injects a fault into authenticated calls of a method.
type Rule struct {
	// Method is the name of a method, such as "grid.server.add", or "*" for all.
	Method string `json:"method"`
	// Kind is the kind of a fault.
	Kind Kind `json:"kind"`
	// When is the moment at which the rule applies; "" means Before.
	When When `json:"when,omitempty"`
	// Times is the number of calls that the rule affects. -1 means no limit. 0 means one, or no limit if there is a probability.
	Times int `json:"times,omitempty"`
	// Skip is the number of matching calls that pass before the rule applies.
	Skip int `json:"skip,omitempty"`
	// Probability is the probability, from 0 to 1, that the rule affects a matching call. Draws depend on the grid's seed. 0 means
	// always.
	Probability float64 `json:"probability,omitempty"`
	// Status is the HTTP status of Status (0 means 500) and HTML (0 means 503).
	Status int `json:"status,omitempty"`
	// Delay is the time that the host waits before it continues. For SlowBody it is the time until the last piece of the body. The
	// kinds Delay and SlowBody require it.
	Delay Duration `json:"delay,omitempty"`
	// Field is the member that DropField and WrongType alter: a name, or a path into nested objects such as "ip.state.name".
	// "" means a random member for each response, which depends on the grid's seed.
	Field string `json:"field,omitempty"`
	// Rows is the number of rows that DropField and WrongType alter, counted from the first row that has the member. 0 means 1; -1
	// means all.
	Rows int `json:"rows,omitempty"`
	// Keep is the number of rows that Partial keeps. 0 means half of the rows, rounded down; -1 means none.
	Keep int `json:"keep,omitempty"`
	// Totals selects the summary of Partial and NullList; "" means TotalsRight.
	Totals Totals `json:"totals,omitempty"`
	// Age is the age of the response that Stale sends, in grid time. 0 means one minute.
	Age Duration `json:"age,omitempty"`
	// Size is the size of the body that HugeBody sends, at most 64GiB. 0 means 50MiB.
	Size Size `json:"size,omitempty"`
}

// withDefaults returns the rule with default values for all members that are not set.
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
