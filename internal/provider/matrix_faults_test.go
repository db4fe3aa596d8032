// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// spoiling is a named fault of one call, or of a number of calls in a row.
type spoiling struct {
	name string
	rule simulator.Fault
}

const (
	// settledFor is the grid time between the making of an object and the command that meets the fault.
	settledFor = 1000 * time.Hour
	// recent is the age of an answer that shows the grid between the two.
	recent = simulator.Duration(settledFor / 2)
	// ancient is the age of an answer that shows the grid before the test.
	ancient = simulator.Duration(100_000 * time.Hour)
	// lag is 90 seconds on the provider's clock, in grid time. A quick grid runs 600 times as fast as that clock.
	lag = simulator.Duration(600 * 90 * time.Second)
	// aWhile is 3 seconds on the provider's clock.
	aWhile = simulator.Duration(3 * time.Second)
	// lasting is how many calls in a row an outage spoils.
	lasting = 20
)

// answersOf are the faults of a method that only reads. The first ones are the core.
func answersOf() []spoiling {
	return []spoiling{
		{"empty", simulator.Fault{Kind: simulator.FaultEmpty}},
		{"partial_cut", simulator.Fault{Kind: simulator.FaultPartial, Totals: simulator.FaultTotalsCut}},
		{"bare", simulator.Fault{Kind: simulator.FaultBare}},
		{"null_list", simulator.Fault{Kind: simulator.FaultNullList}},
		{"forbidden", simulator.Fault{Kind: simulator.FaultForbidden}},
		{"stale_ancient", simulator.Fault{Kind: simulator.FaultStale, Age: ancient}},
		{"stale_recent", simulator.Fault{Kind: simulator.FaultStale, Age: recent}},
		{"drop_name", simulator.Fault{Kind: simulator.FaultDropField, Field: "name", Rows: -1}},

		{"drop_id", simulator.Fault{Kind: simulator.FaultDropField, Field: "id", Rows: -1}},
		{"partial_right", simulator.Fault{Kind: simulator.FaultPartial}},
		{"partial_missing", simulator.Fault{Kind: simulator.FaultPartial, Totals: simulator.FaultTotalsMissing}},
		{"null_list_missing", simulator.Fault{Kind: simulator.FaultNullList, Totals: simulator.FaultTotalsMissing}},
		{"null_list_cut", simulator.Fault{Kind: simulator.FaultNullList, Totals: simulator.FaultTotalsCut}},
		{"drop_any", simulator.Fault{Kind: simulator.FaultDropField, Rows: -1}},
		{"type_any", simulator.Fault{Kind: simulator.FaultWrongType, Rows: -1}},
		{"type_id", simulator.Fault{Kind: simulator.FaultWrongType, Field: "id", Rows: -1}},
		{"duplicate", simulator.Fault{Kind: simulator.FaultDuplicate}},
		{"shuffle", simulator.Fault{Kind: simulator.FaultShuffle}},
		{"status", simulator.Fault{Kind: simulator.FaultStatus}},
		{"status_404", simulator.Fault{Kind: simulator.FaultStatus, Status: 404}},
		{"html", simulator.Fault{Kind: simulator.FaultHTML}},
		{"html_200", simulator.Fault{Kind: simulator.FaultHTML, Status: 200}},
		{"truncate", simulator.Fault{Kind: simulator.FaultTruncate, When: simulator.FaultAfter}},
		{"reset", simulator.Fault{Kind: simulator.FaultReset}},
		{"throttle", simulator.Fault{Kind: simulator.FaultThrottle}},
		{"delay", simulator.Fault{Kind: simulator.FaultDelay, Delay: aWhile}},
		{"slow_body", simulator.Fault{Kind: simulator.FaultSlowBody, Delay: aWhile}},
		{"huge_body", simulator.Fault{Kind: simulator.FaultHugeBody, Size: 2 << 20}},
	}
}

// changesOf are the faults of a method that changes the grid. The first ones
// are the core.
func changesOf() []spoiling {
	after := simulator.FaultAfter
	return []spoiling{
		{"reset_after", simulator.Fault{Kind: simulator.FaultReset, When: after}},
		{"status_after", simulator.Fault{Kind: simulator.FaultStatus, When: after}},
		{"empty_after", simulator.Fault{Kind: simulator.FaultEmpty, When: after}},
		{"bare_before", simulator.Fault{Kind: simulator.FaultBare}},
		{"forbidden_before", simulator.Fault{Kind: simulator.FaultForbidden}},
		{"job", simulator.Fault{Kind: simulator.FaultJob}},

		{"forbidden_after", simulator.Fault{Kind: simulator.FaultForbidden, When: after}},
		{"reset_after_5", simulator.Fault{Kind: simulator.FaultReset, When: after, Times: 5}},
		{"empty_before", simulator.Fault{Kind: simulator.FaultEmpty}},
		{"bare_after", simulator.Fault{Kind: simulator.FaultBare, When: after}},
		{"null_list_before", simulator.Fault{Kind: simulator.FaultNullList}},
		{"null_list_after", simulator.Fault{Kind: simulator.FaultNullList, When: after}},
		{"partial_right", simulator.Fault{Kind: simulator.FaultPartial, When: after}},
		{"partial_missing", simulator.Fault{Kind: simulator.FaultPartial, When: after, Totals: simulator.FaultTotalsMissing}},
		{"partial_cut", simulator.Fault{Kind: simulator.FaultPartial, When: after, Totals: simulator.FaultTotalsCut}},
		{"drop_id", simulator.Fault{Kind: simulator.FaultDropField, When: after, Field: "id"}},
		{"drop_name", simulator.Fault{Kind: simulator.FaultDropField, When: after, Field: "name"}},
		{"drop_any", simulator.Fault{Kind: simulator.FaultDropField, When: after}},
		{"type_any", simulator.Fault{Kind: simulator.FaultWrongType, When: after}},
		{"type_id", simulator.Fault{Kind: simulator.FaultWrongType, When: after, Field: "id"}},
		{"duplicate", simulator.Fault{Kind: simulator.FaultDuplicate, When: after}},
		{"shuffle", simulator.Fault{Kind: simulator.FaultShuffle, When: after}},
		{"stale_ancient", simulator.Fault{Kind: simulator.FaultStale, When: after, Age: ancient}},
		{"stale_recent", simulator.Fault{Kind: simulator.FaultStale, When: after, Age: recent}},
		{"status_before", simulator.Fault{Kind: simulator.FaultStatus}},
		{"html_before", simulator.Fault{Kind: simulator.FaultHTML}},
		{"html_after", simulator.Fault{Kind: simulator.FaultHTML, When: after}},
		{"truncate_before", simulator.Fault{Kind: simulator.FaultTruncate}},
		{"truncate_after", simulator.Fault{Kind: simulator.FaultTruncate, When: after}},
		{"reset_before", simulator.Fault{Kind: simulator.FaultReset}},
		{"throttle", simulator.Fault{Kind: simulator.FaultThrottle}},
		{"delay", simulator.Fault{Kind: simulator.FaultDelay, Delay: aWhile}},
		{"slow_body", simulator.Fault{Kind: simulator.FaultSlowBody, Delay: aWhile}},
		{"huge_body", simulator.Fault{Kind: simulator.FaultHugeBody, When: after, Size: 2 << 20}},
	}
}

// outagesOf are faults of many calls in a row of a method that only reads.
func outagesOf() []spoiling {
	return []spoiling{
		{"lag", simulator.Fault{Kind: simulator.FaultStale, Age: lag, Times: -1}},
		{"forbidden_20", simulator.Fault{Kind: simulator.FaultForbidden, Times: lasting}},
		{"empty_20", simulator.Fault{Kind: simulator.FaultEmpty, Times: lasting}},
		{"partial_cut_20", simulator.Fault{Kind: simulator.FaultPartial, Totals: simulator.FaultTotalsCut, Times: lasting}},
	}
}

// outages are faults of all calls, whatever their method.
func outages() []spoiling {
	return []spoiling{
		{"reset_20", simulator.Fault{Kind: simulator.FaultReset, Times: lasting}},
		{"html_20", simulator.Fault{Kind: simulator.FaultHTML, Times: lasting}},
		{"forbidden_20", simulator.Fault{Kind: simulator.FaultForbidden, Times: lasting}},
	}
}

// coreAnswers and coreChanges are how many faults of each list are its core.
const (
	coreAnswers = 8
	coreChanges = 6
)

// reads reports whether a method changes nothing.
func reads(method string) bool {
	return strings.HasSuffix(method, ".list") || strings.HasSuffix(method, ".get")
}

// faultsOf are the faults of a method: all of them, or its core.
func faultsOf(method string, all bool) []spoiling {
	faults, core := changesOf(), coreChanges
	if reads(method) {
		faults, core = answersOf(), coreAnswers
	}
	if !all {
		faults = faults[:core]
	}
	return slices.Clone(faults)
}

// hidesOptional reports whether the fault may leave out a description. The real
// service leaves out one that was never set, so a row without it is complete.
func (s spoiling) hidesOptional() bool {
	return s.rule.Kind == simulator.FaultDropField && (s.rule.Field == "" || s.rule.Field == "description")
}

// droppedField leaves a field out of all rows.
func droppedField(field string) spoiling {
	return spoiling{"drop_field." + field, simulator.Fault{Kind: simulator.FaultDropField, Field: field, Rows: -1}}
}
