// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The types of this file decode JSON values leniently. Recorded answers contain
// plain numbers and booleans, but a quoted number or a null must not make a
// whole list unreadable.

// integer is a whole number; null is 0.
type integer int64

// UnmarshalJSON implements [json.Unmarshaler].
func (v *integer) UnmarshalJSON(data []byte) error {
	text, present := scalar(data)
	if !present {
		*v = 0
		return nil
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		*v = integer(whole)
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return fmt.Errorf("%.40q is not a whole number", text)
	}
	*v = integer(number)
	return nil
}

// decimal is a number with or without a fraction; null is 0.
type decimal float64

// UnmarshalJSON implements [json.Unmarshaler].
func (v *decimal) UnmarshalJSON(data []byte) error {
	text, present := scalar(data)
	if !present {
		*v = 0
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return fmt.Errorf("%.40q is not a number", text)
	}
	*v = decimal(number)
	return nil
}

// flag is a boolean; null is false.
type flag bool

// UnmarshalJSON implements [json.Unmarshaler].
func (v *flag) UnmarshalJSON(data []byte) error {
	text, present := scalar(data)
	if !present {
		*v = false
		return nil
	}
	value, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		return fmt.Errorf("%.40q is not true or false", text)
	}
	*v = flag(value)
	return nil
}

// optional is a value that may be missing from the answer. null counts as
// missing. optional is not a pointer, to avoid an allocation for each of the
// thousands of values in an answer.
type optional[T any, P interface {
	*T
	json.Unmarshaler
}] struct {
	value   T
	present bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (g *optional[T, P]) UnmarshalJSON(data []byte) error {
	g.present = !bytes.Equal(data, []byte("null"))
	return P(&g.value).UnmarshalJSON(data)
}

type (
	optionalInteger = optional[integer, *integer]
	optionalDecimal = optional[decimal, *decimal]
	optionalFlag    = optional[flag, *flag]
	optionalText    = optional[text, *text]
)

// text is a string; null is "". A value of another type is an error.
type text string

// UnmarshalJSON implements [json.Unmarshaler].
func (v *text) UnmarshalJSON(data []byte) error {
	switch {
	case len(data) > 0 && data[0] == '"':
		return json.Unmarshal(data, (*string)(v))
	case bytes.Equal(data, []byte("null")):
		*v = ""
		return nil
	default:
		return fmt.Errorf("%.40q is not a text", data)
	}
}

// timestamp is a time. Recorded answers have milliseconds since the epoch. The page
// about types in GoGrid's wiki also lists text layouts. null is the zero time.
type timestamp struct{ time.Time }

// timestampLayouts are the text layouts. A time without a zone is in UTC.
var timestampLayouts = [...]string{
	"2006-01-02 15:04:05.9 Z07:00", time.RFC3339Nano, "Mon Jan 02 15:04:05 MST 2006", "2006-01-02", "01/02/2006",
}

// UnmarshalJSON implements [json.Unmarshaler].
func (v *timestamp) UnmarshalJSON(data []byte) error {
	written, present := scalar(data)
	v.Time = time.Time{}
	if !present {
		return nil
	}
	if number, err := strconv.ParseFloat(written, 64); err == nil {
		if math.Abs(number) > 1<<53 {
			return fmt.Errorf("%.40q is not a time", written)
		}
		v.Time = time.UnixMilli(int64(number)).UTC()
		return nil
	}
	for _, layout := range timestampLayouts {
		if parsed, err := time.Parse(layout, written); err == nil {
			v.Time = parsed.UTC()
			return nil
		}
	}
	return fmt.Errorf("%.40q is not a time", written)
}

// scalar returns a JSON number, boolean or string as text. It reports false for null
// and for an empty string.
func scalar(data []byte) (string, bool) {
	if bytes.Equal(data, []byte("null")) {
		return "", false
	}
	if len(data) > 1 && data[0] == '"' {
		var unquoted string
		if json.Unmarshal(data, &unquoted) != nil {
			return string(data), true
		}
		unquoted = strings.TrimSpace(unquoted)
		return unquoted, unquoted != ""
	}
	return string(data), true
}
