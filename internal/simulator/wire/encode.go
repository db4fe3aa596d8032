// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// envelope is the common frame of all answers, of failures too.
type envelope struct {
	code    int    // HTTP status
	path    string // "/grid/server/list"
	failure bool
	list    []*object
	total   int
	start   int
	pages   int
	version int

	// What only fault rules do.
	noSummary bool
	noList    bool // neither rows nor an empty list
	nullList  bool // list is nil
}

const (
	formatJSON = "json"
	formatXML  = "xml"
	formatCSV  = "csv"
)

// contentTypes of the formats. JSON came as text/html, on success and on failure.
var contentTypes = [...]struct{ format, value string }{
	{formatJSON, "text/html"},
	{formatXML, "text/xml;charset=UTF-8"},
	{formatCSV, "text/csv;charset=UTF-8"},
}

// formatOf reads the format parameter. The service answered in JSON when there was none.
func formatOf(text string) (string, bool) {
	if text == "" {
		return formatJSON, true
	}
	format := strings.ToLower(text)
	return format, slices.Contains([]string{formatJSON, formatXML, formatCSV}, format)
}

func contentType(format string) string {
	for _, c := range contentTypes {
		if c.format == format {
			return c.value
		}
	}
	panic(fmt.Sprintf("no content type for format %q", format))
}

// pieces are an answer in parts that can be sent one after the other.
type pieces struct {
	head []byte
	tail []byte
	row  func(b []byte, n int, o *object) []byte // appends row number n
}

// encode makes the whole body.
func (e envelope) encode(format string) []byte {
	p := e.pieces(format, len(e.list))
	b := make([]byte, 0, 256+1024*len(e.list))
	b = append(b, p.head...)
	for n, o := range e.list {
		b = p.row(b, n, o)
	}
	return append(b, p.tail...)
}

// pieces makes the parts of a body whose summary counts so many rows.
func (e envelope) pieces(format string, returned int) pieces {
	switch format {
	case formatXML:
		return e.xml(returned)
	case formatCSV:
		return e.csv(returned)
	default:
		return e.json(returned)
	}
}

func (e envelope) status() string {
	if e.failure {
		return "failure"
	}
	return "success"
}
