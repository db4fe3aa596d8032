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
	path    string // "/grid/server/list"
	failure bool
	list    []*object
	total   int
	start   int
	pages   int
	version int
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

func (e envelope) encode(format string) []byte {
	switch format {
	case formatXML:
		return e.xml()
	case formatCSV:
		return e.csv()
	default:
		return e.json()
	}
}

func (e envelope) status() string {
	if e.failure {
		return "failure"
	}
	return "success"
}
