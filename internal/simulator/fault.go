// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"

// The rules have a package of their own; these names are how users of the grid know them. The comments on the originals
// describe every kind with its options, and [FaultHelp] shows them with examples.

type (
	// Fault is a rule that spoils calls.
	Fault = fault.Rule
	// FaultKind is the kind of a fault.
	FaultKind = fault.Kind
	// FaultWhen is the moment at which a rule strikes, relative to the effect of the call.
	FaultWhen = fault.When
	// FaultTotals says what the summary of a cut answer claims.
	FaultTotals = fault.Totals
	// Duration is a time.Duration that JSON writes as text, such as "3s".
	Duration = fault.Duration
	// Size is a number of bytes that JSON writes as text, such as "50MiB".
	Size = fault.Size
)

// Kinds of calls that fail.
const (
	// FaultStatus answers with an HTTP status and an error object.
	FaultStatus = fault.Status
	// FaultReset resets the connection.
	FaultReset = fault.Reset
	// FaultHTML answers with a page of HTML, by default with status 503.
	FaultHTML = fault.HTML
	// FaultTruncate cuts the body of the answer in the middle.
	FaultTruncate = fault.Truncate
	// FaultDelay only delays the call.
	FaultDelay = fault.Delay
	// FaultThrottle answers as the proxy did to too many calls.
	FaultThrottle = fault.Throttle
	// FaultForbidden answers as the proxy did to a bad signature.
	FaultForbidden = fault.Forbidden
	// FaultJob accepts the call and lets the job that it starts fail.
	FaultJob = fault.Job
)

// Kinds of wrong answers: the status is 200, and the answer is well-formed. A method that only reads runs in either case. A
// changing method runs with FaultAfter only; with FaultBefore nothing changes on the grid, and there are no rows to alter.
const (
	// FaultEmpty is a success without rows: total, start, numpages and returned are 0.
	FaultEmpty = fault.Empty
	// FaultPartial cuts rows off the end. Options: Keep and Totals.
	FaultPartial = fault.Partial
	// FaultBare is a success with status and method only: neither summary nor list.
	FaultBare = fault.Bare
	// FaultNullList is a success whose list is null. Option: Totals.
	FaultNullList = fault.NullList
	// FaultDropField leaves a member out of rows. Options: Field and Rows.
	FaultDropField = fault.DropField
	// FaultWrongType gives a member of rows a value of another type. Options: Field and Rows.
	FaultWrongType = fault.WrongType
	// FaultDuplicate shows one row twice, in the place of another one, so that the totals agree.
	FaultDuplicate = fault.Duplicate
	// FaultShuffle shows the rows in another order.
	FaultShuffle = fault.Shuffle
	// FaultStale is the answer of some time ago. Option: Age.
	FaultStale = fault.Stale
	// FaultSlowBody sends the headers at once, and the body in pieces over Delay.
	FaultSlowBody = fault.SlowBody
	// FaultHugeBody makes the answer as large as Size.
	FaultHugeBody = fault.HugeBody
)

const (
	// FaultBefore means that the call changes nothing on the grid. The default.
	FaultBefore = fault.Before
	// FaultAfter means that the effect has happened, and only the answer is lost, wrong or late.
	FaultAfter = fault.After
)

const (
	// FaultTotalsRight keeps the true total; "returned" counts the rows that came. The default.
	FaultTotalsRight = fault.TotalsRight
	// FaultTotalsMissing leaves the summary out.
	FaultTotalsMissing = fault.TotalsMissing
	// FaultTotalsCut claims that the rows that came are all rows.
	FaultTotalsCut = fault.TotalsCut
)

// FaultKinds returns all kinds.
func FaultKinds() []FaultKind { return fault.Kinds() }

// FaultHelp describes rules and kinds for a terminal of 80 columns, with an example of each kind.
func FaultHelp() string { return fault.Help() }
