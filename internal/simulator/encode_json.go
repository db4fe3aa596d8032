// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"strconv"
)

func (e envelope) json() []byte {
	b := make([]byte, 0, 256+1024*len(e.list))
	b = append(b, `{"summary":{"total":`...)
	b = strconv.AppendInt(b, int64(e.total), 10)
	b = append(b, `,"start":`...)
	b = strconv.AppendInt(b, int64(e.start), 10)
	if !e.failure {
		b = append(b, `,"numpages":`...)
		b = strconv.AppendInt(b, int64(e.pages), 10)
	}
	b = append(b, `,"returned":`...)
	b = strconv.AppendInt(b, int64(len(e.list)), 10)
	b = append(b, `},"status":"`...)
	b = append(b, e.status()...)
	b = append(b, `","method":`...)
	b = appendJSONText(b, e.path)
	b = append(b, `,"list":`...)
	b = appendJSONList(b, e.list, e.version)
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
	case null:
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
