// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"fmt"
	"slices"
	"strings"
)

// Envelope is a response before it is encoded: a list of rows and a summary. The response to a failed call has one row, the error.
type Envelope struct {
	Status  int    // HTTP status
	Path    string // path of the method below /api, such as "/grid/server/list"
	Failure bool
	List    []*Object
	Total   int // number of rows on all pages
	Start   int // number of rows before this page
	Pages   int // number of pages; 0 if the response is not paged
	Version int // minor API version

	// Only fault rules set the fields below.

	NoSummary bool // leave out the summary
	NoList    bool // leave out the list, even an empty one
	NullList  bool // write null instead of the list
}

// Formats of responses.
const (
	JSON = "json"
	XML  = "xml"
	CSV  = "csv"
)

// contentTypes are the recorded content types. The service always sent JSON as text/html, also for failures.
var contentTypes = [...]struct{ format, value string }{
	{JSON, "text/html"},
	{XML, "text/xml;charset=UTF-8"},
	{CSV, "text/csv;charset=UTF-8"},
}

// ParseFormat returns the format that a format parameter selects, and reports whether there is such a format. If the parameter
// was missing, the service responded in JSON.
func ParseFormat(text string) (string, bool) {
	if text == "" {
		return JSON, true
	}
	format := strings.ToLower(text)
	return format, slices.Contains([]string{JSON, XML, CSV}, format)
}

// ContentType returns the content type of a format. It panics if there is no such format.
func ContentType(format string) string {
	for _, c := range contentTypes {
		if c.format == format {
			return c.value
		}
	}
	panic(fmt.Sprintf("no content type for format %q", format))
}

// Pieces are the parts of a body, so that a caller can send a long body without holding it in memory.
type Pieces struct {
	Head []byte
	Tail []byte
	// Row appends row number n, counted from 0, to b and returns the extended slice.
	Row func(b []byte, n int, o *Object) []byte
}

// Encode returns the body in a format.
func (e Envelope) Encode(format string) []byte {
	p := e.Split(format, len(e.List))
	b := make([]byte, 0, 256+1024*len(e.List))
	b = append(b, p.Head...)
	for n, o := range e.List {
		b = p.Row(b, n, o)
	}
	return append(b, p.Tail...)
}

// Split returns the parts of the body in a format. returned is the number of rows that the summary claims.
func (e Envelope) Split(format string, returned int) Pieces {
	switch format {
	case XML:
		return e.xml(returned)
	case CSV:
		return e.csv(returned)
	default:
		return e.json(returned)
	}
}

func (e Envelope) outcome() string {
	if e.Failure {
		return "failure"
	}
	return "success"
}
