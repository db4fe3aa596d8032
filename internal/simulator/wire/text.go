// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// scalarText is a plain value as all formats write it; what has no value is empty.
func scalarText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case number:
		return strconv.FormatFloat(float64(v), 'f', -1, 64)
	case decimal:
		text := strconv.FormatFloat(float64(v), 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	case mapping:
		return v.javaText()
	case date:
		return v.javaText()
	case null, absent:
		return ""
	default:
		panic(fmt.Sprintf("no text for a %T", value))
	}
}

// javaText is how Java prints a map; XML answers had job details in this form.
func (m mapping) javaText() string {
	var parts []string
	for _, a := range m {
		text := "null"
		if _, none := a.value.(null); !none {
			text = scalarText(a.value)
		}
		parts = append(parts, a.name+"="+text)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (e envelope) xml(returned int) pieces {
	p := pieces{tail: []byte("</response></gogrid>"), row: func(b []byte, _ int, o *object) []byte {
		into := bytes.NewBuffer(b)
		writeXMLObject(into, o, e.version)
		return into.Bytes()
	}}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<gogrid><response method="%s" status="%s">`, xmlText(e.path), e.status())
	if !e.noSummary {
		fmt.Fprintf(&b, `<summary total="%d" start="%d"`, e.total, e.start)
		if !e.failure {
			fmt.Fprintf(&b, ` numpages="%d"`, e.pages)
		}
		fmt.Fprintf(&b, ` returned="%d"/>`, returned)
	}
	switch {
	case e.nullList:
		b.WriteString("<list/>")
	case !e.noList:
		b.WriteString("<list>")
		p.tail = []byte("</list></response></gogrid>")
	}
	p.head = b.Bytes()
	return p
}

func writeXMLList(b *bytes.Buffer, list []*object, version int) {
	b.WriteString("<list>")
	for _, o := range list {
		writeXMLObject(b, o, version)
	}
	b.WriteString("</list>")
}

func writeXMLObject(b *bytes.Buffer, o *object, version int) {
	fmt.Fprintf(b, `<object name="%s">`, xmlText(o.kind))
	for _, a := range o.shown(version) {
		fmt.Fprintf(b, `<attribute name="%s">`, xmlText(a.name))
		switch v := a.value.(type) {
		case *object:
			writeXMLObject(b, v, version)
		case []*object:
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
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// csv flattens nested objects in place, names their columns "ip.id", and writes the first values of nested lists in one column.
func (e envelope) csv(returned int) pieces {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s, %s", strings.ToUpper(e.status()), e.path)
	if !e.noSummary {
		fmt.Fprintf(&b, ", TOTAL, %d, START, %d, RETURNED, %d", e.total, e.start, returned)
	}
	b.WriteByte('\n')
	var columns []string
	if !e.noList && !e.nullList {
		columns = e.columns()
		b.WriteString("# " + strings.Join(columns, ",") + "\n")
	}
	return pieces{head: b.Bytes(), row: func(b []byte, _ int, o *object) []byte {
		row := map[string]string{}
		flatten(row, nil, "", o, e.version)
		record := make([]string, len(columns))
		for i, column := range columns {
			record[i] = row[column]
		}
		into := bytes.NewBuffer(b)
		table := csv.NewWriter(into)
		_ = table.Write(record) // a buffer takes everything
		table.Flush()
		return into.Bytes()
	}}
}

// columns are those of all rows together.
func (e envelope) columns() []string {
	var columns []string
	for _, o := range e.list {
		columns = flatten(map[string]string{}, columns, "", o, e.version)
	}
	return columns
}

// flatten fills row and returns the columns with those that are new, each behind the one before it.
func flatten(row map[string]string, columns []string, prefix string, o *object, version int) []string {
	for _, a := range o.shown(version) {
		name := prefix + a.name
		switch v := a.value.(type) {
		case *object:
			columns = flatten(row, columns, name+".", v, version)
			continue
		case []*object:
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

func firstValues(list []*object, version int) string {
	var values []string
	for _, o := range list {
		first := o.shown(version)[0].value
		for nested, isObject := first.(*object); isObject; nested, isObject = first.(*object) {
			first = nested.shown(version)[0].value
		}
		values = append(values, scalarText(first))
	}
	return strings.Join(values, " ")
}
