// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"

// Package fault defines the rules; users of package simulator refer to them by
// the names below. The comments of package fault describe every kind with its
// options, and [FaultHelp] shows an example of each kind.

type (
	// Fault is a rule that injects a fault into calls.
	Fault = fault.Rule
	// FaultKind is the kind of a fault.
	FaultKind = fault.Kind
	// FaultWhen selects whether a rule applies before or after the effect of the
	// call.
	FaultWhen = fault.When
	// FaultTotals selects the summary of a response with missing rows.
	FaultTotals = fault.Totals
	// Duration is a time.Duration whose JSON form is a string, such as "3s".
	Duration = fault.Duration
	// Size is a number of bytes whose JSON form is a string, such as "50MiB".
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
	// FaultTruncate cuts the body of the response in the middle.
	FaultTruncate = fault.Truncate
	// FaultDelay delays the call and changes nothing else.
	FaultDelay = fault.Delay
	// FaultThrottle answers as the service's proxy did after too many calls.
	FaultThrottle = fault.Throttle
	// FaultForbidden answers as the service's proxy did after a bad signature.
	FaultForbidden = fault.Forbidden
	// FaultJob accepts the call and makes the job of the call fail.
	FaultJob = fault.Job
)

// Kinds of wrong responses: the status is 200, and the response is well-formed.
// A method that only reads always runs. A method that changes the grid runs
// only with FaultAfter. With FaultBefore it changes nothing, and its response
// has no rows to alter.
const (
	// FaultEmpty responds with success and no rows: total, start, numpages and
	// returned are 0.
	FaultEmpty = fault.Empty
	// FaultPartial removes rows at the end. Options: Keep and Totals.
	FaultPartial = fault.Partial
	// FaultBare responds with success, but only with status and method: it leaves
	// out summary and list.
	FaultBare = fault.Bare
	// FaultNullList responds with success and a list that is null. Option: Totals.
	FaultNullList = fault.NullList
	// FaultDropField removes a member from rows. Options: Field and Rows.
	FaultDropField = fault.DropField
	// FaultWrongType replaces the value of a member in rows by a value of another
	// type. Options: Field and Rows.
	FaultWrongType = fault.WrongType
	// FaultDuplicate replaces a row by a copy of another row, so that the totals
	// still match the number of rows.
	FaultDuplicate = fault.Duplicate
	// FaultShuffle changes the order of the rows.
	FaultShuffle = fault.Shuffle
	// FaultStale responds with the state of an earlier moment. Option: Age.
	FaultStale = fault.Stale
	// FaultSlowBody sends the headers immediately, and the body in pieces during Delay.
	FaultSlowBody = fault.SlowBody
	// FaultHugeBody extends the response to Size.
	FaultHugeBody = fault.HugeBody
)

const (
	// FaultBefore applies the rule before the call changes anything on the grid.
	// It is the default.
	FaultBefore = fault.Before
	// FaultAfter applies the rule after the effect of the call: only the response
	// is lost, wrong or late.
	FaultAfter = fault.After
)

const (
	// FaultTotalsRight keeps the true total; "returned" counts the rows of the
	// response. It is the default.
	FaultTotalsRight = fault.TotalsRight
	// FaultTotalsMissing leaves the summary out.
	FaultTotalsMissing = fault.TotalsMissing
	// FaultTotalsCut makes the total equal to the number of rows in the response.
	FaultTotalsCut = fault.TotalsCut
)

// FaultKinds returns all kinds.
func FaultKinds() []FaultKind { return fault.Kinds() }

// FaultHelp returns a description of rules and kinds for a terminal of 80 columns, with an example of each kind.
func FaultHelp() string { return fault.Help() }
