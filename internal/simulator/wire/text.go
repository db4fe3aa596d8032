// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// scalarText formats a value that is neither an object nor a list. The text of Null and Absent is empty.
func scalarText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case Number:
		return strconv.FormatFloat(float64(v), 'f', -1, 64)
	case Decimal:
		text := strconv.FormatFloat(float64(v), 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	case Mapping:
		return v.javaText()
	case Date:
		return v.javaText()
	case Null, Absent:
		return ""
	default:
		panic(fmt.Sprintf("no text for a %T", value))
	}
}

// javaText returns the mapping as Java prints a map. XML responses had job details in this format.
func (m Mapping) javaText() string {
	var parts []string
	for _, a := range m {
		text := "null"
		if _, none := a.Value.(Null); !none {
			text = scalarText(a.Value)
		}
		parts = append(parts, a.Name+"="+text)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (e Envelope) xml(returned int) Pieces {
	p := Pieces{Tail: []byte("</response></gogrid>"), Row: func(b []byte, _ int, o *Object) []byte {
		into := bytes.NewBuffer(b)
		writeXMLObject(into, o, e.Version)
		return into.Bytes()
	}}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<gogrid><response method="%s" status="%s">`, xmlText(e.Path), e.outcome())
	if !e.NoSummary {
		fmt.Fprintf(&b, `<summary total="%d" start="%d"`, e.Total, e.Start)
		if !e.Failure {
			fmt.Fprintf(&b, ` numpages="%d"`, e.Pages)
		}
		fmt.Fprintf(&b, ` returned="%d"/>`, returned)
	}
	switch {
	case e.NullList:
		b.WriteString("<list/>")
	case !e.NoList:
		b.WriteString("<list>")
		p.Tail = []byte("</list></response></gogrid>")
	}
	p.Head = b.Bytes()
	return p
}

func writeXMLList(b *bytes.Buffer, list []*Object, version int) {
	b.WriteString("<list>")
	for _, o := range list {
		writeXMLObject(b, o, version)
	}
	b.WriteString("</list>")
}

func writeXMLObject(b *bytes.Buffer, o *Object, version int) {
	fmt.Fprintf(b, `<object name="%s">`, xmlText(o.Kind))
	for _, a := range o.Shown(version) {
		fmt.Fprintf(b, `<attribute name="%s">`, xmlText(a.Name))
		switch v := a.Value.(type) {
		case *Object:
			writeXMLObject(b, v, version)
		case []*Object:
			writeXMLList(b, v, version)
		default:
			b.WriteString(xmlText(scalarText(v)))
		}
		b.WriteString("</attribute>")
	}
	b.WriteString("</object>")
}

func xmlText(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer never fails
	return b.String()
}

// csv encodes the response as CSV. It writes nested objects as columns with names such as "ip.id", and a nested list as one column
// with the first value of each element.
func (e Envelope) csv(returned int) Pieces {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s, %s", strings.ToUpper(e.outcome()), e.Path)
	if !e.NoSummary {
		fmt.Fprintf(&b, ", TOTAL, %d, START, %d, RETURNED, %d", e.Total, e.Start, returned)
	}
	b.WriteByte('\n')
	var columns []string
	if !e.NoList && !e.NullList {
		columns = e.columns()
		b.WriteString("# " + strings.Join(columns, ",") + "\n")
	}
	return Pieces{Head: b.Bytes(), Row: func(b []byte, _ int, o *Object) []byte {
		row := map[string]string{}
		flatten(row, nil, "", o, e.Version)
		record := make([]string, len(columns))
		for i, column := range columns {
			record[i] = row[column]
		}
		into := bytes.NewBuffer(b)
		table := csv.NewWriter(into)
		_ = table.Write(record) // a buffer never fails
		table.Flush()
		return into.Bytes()
	}}
}

// columns returns the columns of all rows.
func (e Envelope) columns() []string {
	var columns []string
	for _, o := range e.List {
		columns = flatten(map[string]string{}, columns, "", o, e.Version)
	}
	return columns
}

// flatten adds the values of an object to row, and returns columns extended by the columns that are new.
func flatten(row map[string]string, columns []string, prefix string, o *Object, version int) []string {
	for _, a := range o.Shown(version) {
		name := prefix + a.Name
		switch v := a.Value.(type) {
		case *Object:
			columns = flatten(row, columns, name+".", v, version)
			continue
		case []*Object:
			row[name] = firstValues(v, version)
		default:
			row[name] = scalarText(v)
		}
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns
}

func firstValues(list []*Object, version int) string {
	var values []string
	for _, o := range list {
		first := o.Shown(version)[0].Value
		for nested, isObject := first.(*Object); isObject; nested, isObject = first.(*Object) {
			first = nested.Shown(version)[0].Value
		}
		values = append(values, scalarText(first))
	}
	return strings.Join(values, " ")
}
