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

func (e envelope) xml() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<gogrid><response method="%s" status="%s"><summary total="%d" start="%d"`, xmlText(e.path), e.status(), e.total, e.start)
	if !e.failure {
		fmt.Fprintf(&b, ` numpages="%d"`, e.pages)
	}
	fmt.Fprintf(&b, ` returned="%d"/>`, len(e.list))
	writeXMLList(&b, e.list, e.version)
	b.WriteString("</response></gogrid>")
	return b.Bytes()
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
func (e envelope) csv() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s, %s, TOTAL, %d, START, %d, RETURNED, %d\n", strings.ToUpper(e.status()), e.path, e.total, e.start, len(e.list))
	rows := make([]map[string]string, len(e.list))
	var columns []string
	for i, o := range e.list {
		rows[i] = map[string]string{}
		columns = flatten(rows[i], columns, "", o, e.version)
	}
	b.WriteString("# " + strings.Join(columns, ",") + "\n")
	table := csv.NewWriter(&b)
	for _, row := range rows {
		record := make([]string, len(columns))
		for i, column := range columns {
			record[i] = row[column]
		}
		_ = table.Write(record) // a buffer takes everything
	}
	table.Flush()
	return b.Bytes()
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
