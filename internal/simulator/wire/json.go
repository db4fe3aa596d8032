// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/json"
	"strconv"
)

func (e Envelope) json(returned int) Pieces {
	p := Pieces{Tail: []byte{'}'}, Row: func(b []byte, n int, o *Object) []byte {
		if n > 0 {
			b = append(b, ',')
		}
		return o.appendJSON(b, e.Version)
	}}
	b := []byte{'{'}
	if !e.NoSummary {
		b = append(e.appendJSONSummary(b, returned), ',')
	}
	b = append(b, `"status":"`...)
	b = append(b, e.outcome()...)
	b = append(b, `","method":`...)
	b = appendJSONText(b, e.Path)
	switch {
	case e.NullList:
		b = append(b, `,"list":null`...)
	case !e.NoList:
		b = append(b, `,"list":[`...)
		p.Tail = []byte("]}")
	}
	p.Head = b
	return p
}

func (e Envelope) appendJSONSummary(b []byte, returned int) []byte {
	b = append(b, `"summary":{"total":`...)
	b = strconv.AppendInt(b, int64(e.Total), 10)
	b = append(b, `,"start":`...)
	b = strconv.AppendInt(b, int64(e.Start), 10)
	if !e.Failure {
		b = append(b, `,"numpages":`...)
		b = strconv.AppendInt(b, int64(e.Pages), 10)
	}
	b = append(b, `,"returned":`...)
	b = strconv.AppendInt(b, int64(returned), 10)
	return append(b, '}')
}

func appendJSONList(b []byte, list []*Object, version int) []byte {
	b = append(b, '[')
	for i, o := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = o.appendJSON(b, version)
	}
	return append(b, ']')
}

func (o *Object) appendJSON(b []byte, version int) []byte {
	if o.cache == nil {
		return appendJSONMembers(b, o.members(version), version)
	}
	kept := o.cache[version].Load()
	if kept == nil {
		made := appendJSONMembers(nil, o.members(version), version)
		kept = &made
		o.cache[version].Store(kept)
	}
	return append(b, *kept...)
}

func appendJSONMembers(b []byte, attributes []Attribute, version int) []byte {
	b = append(b, '{')
	empty := true
	for _, a := range attributes {
		if _, none := a.Value.(Absent); none {
			continue
		}
		if !empty {
			b = append(b, ',')
		}
		empty = false
		b = appendJSONText(b, a.Name)
		b = append(b, ':')
		b = appendJSONValue(b, a.Value, version)
	}
	return append(b, '}')
}

func appendJSONValue(b []byte, value any, version int) []byte {
	switch v := value.(type) {
	case *Object:
		return v.appendJSON(b, version)
	case []*Object:
		return appendJSONList(b, v, version)
	case Mapping:
		return appendJSONMembers(b, v, version)
	case string:
		return appendJSONText(b, v)
	case Null, Date:
		return append(b, "null"...)
	default:
		return append(b, scalarText(v)...)
	}
}

func appendJSONText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // encoding a string never fails
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
