// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"strconv"
)

func (e envelope) json(returned int) pieces {
	p := pieces{tail: []byte{'}'}, row: func(b []byte, n int, o *object) []byte {
		if n > 0 {
			b = append(b, ',')
		}
		return o.appendJSON(b, e.version)
	}}
	b := []byte{'{'}
	if !e.noSummary {
		b = append(e.appendJSONSummary(b, returned), ',')
	}
	b = append(b, `"status":"`...)
	b = append(b, e.status()...)
	b = append(b, `","method":`...)
	b = appendJSONText(b, e.path)
	switch {
	case e.nullList:
		b = append(b, `,"list":null`...)
	case !e.noList:
		b = append(b, `,"list":[`...)
		p.tail = []byte("]}")
	}
	p.head = b
	return p
}

func (e envelope) appendJSONSummary(b []byte, returned int) []byte {
	b = append(b, `"summary":{"total":`...)
	b = strconv.AppendInt(b, int64(e.total), 10)
	b = append(b, `,"start":`...)
	b = strconv.AppendInt(b, int64(e.start), 10)
	if !e.failure {
		b = append(b, `,"numpages":`...)
		b = strconv.AppendInt(b, int64(e.pages), 10)
	}
	b = append(b, `,"returned":`...)
	b = strconv.AppendInt(b, int64(returned), 10)
	return append(b, '}')
}

func appendJSONList(b []byte, list []*object, version int) []byte {
	b = append(b, '[')
	for i, o := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = o.appendJSON(b, version)
	}
	return append(b, ']')
}

func (o *object) appendJSON(b []byte, version int) []byte {
	if o.memo == nil {
		return appendJSONMembers(b, o.members(version), version)
	}
	kept := o.memo[version].Load()
	if kept == nil {
		made := appendJSONMembers(nil, o.members(version), version)
		kept = &made
		o.memo[version].Store(kept)
	}
	return append(b, *kept...)
}

func appendJSONMembers(b []byte, attributes []attribute, version int) []byte {
	b = append(b, '{')
	empty := true
	for _, a := range attributes {
		if _, none := a.value.(absent); none {
			continue
		}
		if !empty {
			b = append(b, ',')
		}
		empty = false
		b = appendJSONText(b, a.name)
		b = append(b, ':')
		b = appendJSONValue(b, a.value, version)
	}
	return append(b, '}')
}

func appendJSONValue(b []byte, value any, version int) []byte {
	switch v := value.(type) {
	case *object:
		return v.appendJSON(b, version)
	case []*object:
		return appendJSONList(b, v, version)
	case mapping:
		return appendJSONMembers(b, v, version)
	case string:
		return appendJSONText(b, v)
	case null, date:
		return append(b, "null"...)
	default:
		return append(b, scalarText(v)...)
	}
}

func appendJSONText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // text can always be encoded
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
