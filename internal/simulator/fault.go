// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"

// Package fault defines the rules; users of the grid refer to them by the names below. The comments of package fault describe
// every kind with its options, and [FaultHelp] shows an example of each kind.

type (
	// Fault is a rule that spoils calls.
	Fault = fault.Rule
	// FaultKind is the kind of a fault.
	FaultKind = fault.Kind
	// FaultWhen is the moment at which a rule applies, relative to the effect of the call.
	FaultWhen = fault.When
	// FaultTotals selects the summary of an answer with missing rows.
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
	// FaultReset resets the TCP connection.
	FaultReset = fault.Reset
	// FaultHTML answers with an HTML page, by default with status 503.
	FaultHTML = fault.HTML
	// FaultTruncate cuts the body of the answer in the middle.
	FaultTruncate = fault.Truncate
	// FaultDelay delays the call and changes nothing else.
	FaultDelay = fault.Delay
	// FaultThrottle answers as the proxy answered too many calls.
	FaultThrottle = fault.Throttle
	// FaultForbidden answers as the proxy answered a bad signature.
	FaultForbidden = fault.Forbidden
	// FaultJob accepts the call and makes the job of the call fail.
	FaultJob = fault.Job
)

// Kinds of wrong answers: the status is 200, and the answer is well-formed. A method that only reads always runs. A changing
// method runs only with FaultAfter. With FaultBefore nothing changes on the grid, and there are no rows to alter.
const (
	// FaultEmpty is a success without rows: total, start, numpages and returned are 0.
	FaultEmpty = fault.Empty
	// FaultPartial cuts rows off the end. Options: Keep and Totals.
	FaultPartial = fault.Partial
	// FaultBare is a success with status and method only: neither summary nor list.
	FaultBare = fault.Bare
	// FaultNullList is a success whose list is null. Option: Totals.
	FaultNullList = fault.NullList
	// FaultDropField removes a member from rows. Options: Field and Rows.
	FaultDropField = fault.DropField
	// FaultWrongType gives a member of rows a value of another type. Options: Field and Rows.
	FaultWrongType = fault.WrongType
	// FaultDuplicate replaces a row by a copy of another row, so that the totals agree.
	FaultDuplicate = fault.Duplicate
	// FaultShuffle changes the order of the rows.
	FaultShuffle = fault.Shuffle
	// FaultStale gives an earlier answer. Option: Age.
	FaultStale = fault.Stale
	// FaultSlowBody sends the headers immediately, and the body in pieces during Delay.
	FaultSlowBody = fault.SlowBody
	// FaultHugeBody extends the answer to Size.
	FaultHugeBody = fault.HugeBody
)

const (
	// FaultBefore applies the rule before the call changes anything on the grid. The default.
	FaultBefore = fault.Before
	// FaultAfter applies the rule after the effect of the call: only the answer is lost, wrong or late.
	FaultAfter = fault.After
)

const (
	// FaultTotalsRight keeps the true total; "returned" counts the rows of the answer. The default.
	FaultTotalsRight = fault.TotalsRight
	// FaultTotalsMissing leaves the summary out.
	FaultTotalsMissing = fault.TotalsMissing
	// FaultTotalsCut claims that the rows of the answer are all rows.
	FaultTotalsCut = fault.TotalsCut
)

// FaultKinds returns all kinds.
func FaultKinds() []FaultKind { return fault.Kinds() }

// FaultHelp returns a description of rules and kinds for a terminal of 80 columns, with an example of each kind.
func FaultHelp() string { return fault.Help() }
