// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

// Kind names a kind of fault.
type Kind string

// Kinds of calls that fail.
const (
	// Status sends an HTTP status and an error object.
	Status Kind = "status"
	// Reset resets the TCP connection.
	Reset Kind = "reset"
	// HTML sends an HTML page, by default with status 503.
	HTML Kind = "html"
	// Truncate cuts the body of the response in the middle.
	Truncate Kind = "truncate"
	// Delay only delays the call.
	Delay Kind = "delay"
	// Throttle sends the response that the proxy sent after too many calls.
	Throttle Kind = "throttle"
	// Forbidden sends the response that the proxy sent for a bad signature.
	Forbidden Kind = "forbidden"
	// Job accepts the call and makes the job of the call fail.
	Job Kind = "job"
)

// Kinds of wrong responses: the status is 200, and the response is well-formed.
//
// These kinds need a response to alter, so a method that only reads always runs. A changing method (add, edit, delete, power,
// save, restore) runs only with After. With Before nothing changes on the grid, and there are no rows to alter. If a method
// fails, its error response is sent unchanged, except that Empty, Bare and NullList replace any response with a success.
const (
	// Empty is a success without rows: total, start, numpages and returned are 0.
	Empty Kind = "empty"
	// Partial removes rows from the end. Options: Keep and Totals.
	Partial Kind = "partial"
	// Bare is a success that contains only status and method, without summary and list.
	Bare Kind = "bare"
	// NullList is a success whose list is null. Option: Totals.
	NullList Kind = "null_list"
	// DropField removes a member from some rows. Options: Field and Rows.
	DropField Kind = "drop_field"
	// WrongType replaces the value of a member in some rows with a value of another type. Options: Field and Rows.
	WrongType Kind = "wrong_type"
	// Duplicate replaces a row with a copy of another row, so that the totals remain correct. If there is only one row, Duplicate
	// repeats that row and increases the total.
	Duplicate Kind = "duplicate"
	// Shuffle changes the order of the rows.
	Shuffle Kind = "shuffle"
	// Stale sends an earlier response, by default the response from one minute of grid time ago. Option: Age. The earlier response
	// lacks objects created since then, contains objects deleted since then, and shows the old states, descriptions, assigned
	// addresses and jobs. The grid remembers the newest 10,000 changes since it was opened. If Age reaches further back, Stale sends
	// the oldest response that the grid can reconstruct. The response of a changing method contains the old versions of its rows,
	// and no row for an object created since then.
	Stale Kind = "stale"
	// SlowBody runs the method, and sends the headers immediately and the body in pieces. The rule's Delay is the time until the last
	// piece.
	SlowBody Kind = "slow_body"
	// HugeBody extends the response to Size, and keeps the totals correct. It repeats the rows of an unpaged list with other ids and
	// names. It pads other responses with white space.
	HugeBody Kind = "huge_body"
)

// trait describes a kind, for the help and for the checks.
type trait struct {
	kind    Kind
	options []string // JSON names of the kind's own options
	text    string   // lines of help
	example string   // a rule as JSON
}

// traits describes all kinds, in the order of the help.
var traits = [...]trait{
	{
		Status,
		[]string{"status"},
		`
an HTTP status with an error object; 403 is the proxy's own refusal
status  the status, 200 to 599 (default 500)`,
		`{"method":"grid.server.add","kind":"status","status":502,"when":"after"}`,
	},
	{
		Reset, nil, `
the connection is reset`,
		`{"method":"grid.server.delete","kind":"reset","when":"after"}`,
	},
	{
		HTML,
		[]string{"status"},
		`
a page of HTML, as from a load balancer
status  the status, 200 to 599 (default 503)`,
		`{"method":"*","kind":"html","times":3}`,
	},
	{
		Truncate, nil, `
the body ends in the middle`,
		`{"method":"grid.server.list","kind":"truncate","when":"after"}`,
	},
	{
		Delay, nil, `
the call is delayed
delay   how long the host waits (required)`,
		`{"method":"grid.server.add","kind":"delay","delay":"3s","when":"after"}`,
	},
	{
		Throttle, nil, `
the proxy's refusal of too many calls: 403 with Retry-After`,
		`{"method":"*","kind":"throttle","probability":0.1}`,
	},
	{
		Forbidden, nil, `
the proxy's refusal of a bad signature: 403, although the signature is valid`,
		`{"method":"grid.server.list","kind":"forbidden","skip":2}`,
	},
	{
		Job, nil, `
the call is accepted, and the job that it starts fails`,
		`{"method":"grid.image.save","kind":"job"}`,
	},
	{
		Empty, nil, `
a success without rows, all totals 0`,
		`{"method":"grid.server.list","kind":"empty"}`,
	},
	{
		Partial,
		[]string{"keep", "totals"},
		`
rows are missing at the end
keep    how many rows stay (default half of them, rounded down; -1 for none)
totals  right: the total is true, and returned counts the rows of the
        response (default); missing: there is no summary; cut: the total and
        returned claim that the rows of the response are all rows`,
		`{"method":"grid.server.list","kind":"partial","keep":2,"totals":"cut"}`,
	},
	{
		Bare, nil, `
a success with status and method only: no summary, no list`,
		`{"method":"grid.image.list","kind":"bare"}`,
	},
	{
		NullList,
		[]string{"totals"},
		`
a success whose list is null
totals  as for partial`,
		`{"method":"grid.ip.list","kind":"null_list","totals":"missing"}`,
	},
	{
		DropField,
		[]string{"field", "rows"},
		`
rows lack a member
field   its name, or a path into nested objects such as ip.state.name
        (default: a random member for each response, drawn from the seed)
rows    how many rows, counted from the first that has the member (default
        1; -1 for all)`,
		`{"method":"grid.ip.list","kind":"drop_field","field":"state.name","rows":-1}`,
	},
	{
		WrongType,
		[]string{"field", "rows"},
		`
a member of rows has a value of another type, such as an object for a number
field   as for drop_field
rows    as for drop_field`,
		`{"method":"grid.server.get","kind":"wrong_type","field":"id"}`,
	},
	{
		Duplicate, nil, `
a row is replaced with a copy of another row, so that the totals remain
correct; a single row is repeated, and the total is increased`,
		`{"method":"grid.server.list","kind":"duplicate"}`,
	},
	{
		Shuffle, nil, `
the rows are in a different order`,
		`{"method":"grid.job.list","kind":"shuffle","times":-1}`,
	},
	{
		Stale,
		[]string{"age"},
		`
an earlier response: objects created since then are missing, deleted objects
are present, and states, descriptions, assigned addresses and jobs are the
old ones; the grid remembers its newest 10,000 changes since it was opened
age     how old the response is, in grid time (default 1m)`,
		`{"method":"grid.server.list","kind":"stale","age":"90s","times":-1}`,
	},
	{
		SlowBody, nil, `
the headers are sent immediately, the body in pieces
delay   the time until the last piece (required)`,
		`{"method":"grid.image.list","kind":"slow_body","delay":"20s"}`,
	},
	{
		HugeBody,
		[]string{"size"},
		`
a well-formed response of a given size: the rows of an unpaged list are
repeated with other ids and names; any other response is padded with white
space
size    size of the body, up to 64GiB (default 50MiB)`,
		`{"method":"grid.server.list","kind":"huge_body","size":"200MiB"}`,
	},
}

// Kinds returns all kinds, in the order of the help.
func Kinds() []Kind {
	kinds := make([]Kind, len(traits))
	for i, t := range traits {
		kinds[i] = t.kind
	}
	return kinds
}

// AltersRows reports whether the kind alters the rows of a response, so that the method must run first.
func (k Kind) AltersRows() bool {
	switch k {
	case Partial, NullList, DropField, WrongType, Duplicate, Shuffle, Stale, HugeBody:
		return true
	default:
		return false
	}
}
