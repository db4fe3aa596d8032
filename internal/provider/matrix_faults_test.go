// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// namedFault is a fault in one call, or in several consecutive calls.
type namedFault struct {
	name string
	rule simulator.Fault
}

const (
	// objectAge is the grid time that passes between the creation of an object
	// and the command under test.
	objectAge = 1000 * time.Hour
	// recent is the age of a stale answer from a time when the object already
	// existed: the middle of objectAge.
	recent = simulator.Duration(objectAge / 2)
	// ancient is the age of a stale answer from a time before the test.
	ancient = simulator.Duration(100_000 * time.Hour)
	// lag is the grid time that passes in 90 seconds on the provider's clock. A
	// quick grid runs 600 times as fast as that clock.
	lag = simulator.Duration(600 * 90 * time.Second)
	// shortDelay is 3 seconds on the provider's clock.
	shortDelay = simulator.Duration(3 * time.Second)
	// outageCalls is the number of consecutive calls that fail in an outage.
	outageCalls = 20
)

// readFaults returns the faults of a method that only reads. The first
// coreReadFaults faults are the core faults.
func readFaults() []namedFault {
	return []namedFault{
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
		{"delay", simulator.Fault{Kind: simulator.FaultDelay, Delay: shortDelay}},
		{"slow_body", simulator.Fault{Kind: simulator.FaultSlowBody, Delay: shortDelay}},
		{"huge_body", simulator.Fault{Kind: simulator.FaultHugeBody, Size: 2 << 20}},
	}
}

// changeFaults returns the faults of a method that changes the grid. The first
// coreChangeFaults faults are the core faults.
func changeFaults() []namedFault {
	after := simulator.FaultAfter
	return []namedFault{
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
		{"delay", simulator.Fault{Kind: simulator.FaultDelay, Delay: shortDelay}},
		{"slow_body", simulator.Fault{Kind: simulator.FaultSlowBody, Delay: shortDelay}},
		{"huge_body", simulator.Fault{Kind: simulator.FaultHugeBody, When: after, Size: 2 << 20}},
	}
}

// readOutages returns faults in many consecutive calls of a method that only
// reads.
func readOutages() []namedFault {
	return []namedFault{
		{"lag", simulator.Fault{Kind: simulator.FaultStale, Age: lag, Times: -1}},
		{"forbidden_20", simulator.Fault{Kind: simulator.FaultForbidden, Times: outageCalls}},
		{"empty_20", simulator.Fault{Kind: simulator.FaultEmpty, Times: outageCalls}},
		{"partial_cut_20", simulator.Fault{Kind: simulator.FaultPartial, Totals: simulator.FaultTotalsCut, Times: outageCalls}},
	}
}

// outages returns faults in many consecutive calls of any method.
func outages() []namedFault {
	return []namedFault{
		{"reset_20", simulator.Fault{Kind: simulator.FaultReset, Times: outageCalls}},
		{"html_20", simulator.Fault{Kind: simulator.FaultHTML, Times: outageCalls}},
		{"forbidden_20", simulator.Fault{Kind: simulator.FaultForbidden, Times: outageCalls}},
	}
}

// coreReadFaults and coreChangeFaults are the numbers of core faults in
// readFaults and changeFaults.
const (
	coreReadFaults   = 8
	coreChangeFaults = 6
)

// reads reports whether a method only reads.
func reads(method string) bool {
	return strings.HasSuffix(method, ".list") || strings.HasSuffix(method, ".get")
}

// faultsOf returns all faults of a method, or only the core faults.
func faultsOf(method string, all bool) []namedFault {
	faults, core := changeFaults(), coreChangeFaults
	if reads(method) {
		faults, core = readFaults(), coreReadFaults
	}
	if !all {
		faults = faults[:core]
	}
	return slices.Clone(faults)
}

// mayDropDescription reports whether the fault may drop a description. The real
// service omits a description that was never set, so a row without a
// description counts as complete.
func (s namedFault) mayDropDescription() bool {
	return s.rule.Kind == simulator.FaultDropField && (s.rule.Field == "" || s.rule.Field == "description")
}

// droppedField returns a fault that drops a field from all rows.
func droppedField(field string) namedFault {
	return namedFault{"drop_field." + field, simulator.Fault{Kind: simulator.FaultDropField, Field: field, Rows: -1}}
}
