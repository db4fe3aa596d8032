// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Attributes holds the attributes and blocks of a configuration by name. A
// value is a string, bool, int or float64, Attributes for a block or map, []any
// for a list, or Unknown. Missing attributes are null.
type Attributes map[string]any

// Unknown is a value that is known only after the apply.
type Unknown struct{}

// With returns a copy with some attributes changed. A nil value makes an
// attribute null.
func (a Attributes) With(changes Attributes) Attributes {
	changed := Attributes{}
	for _, from := range []Attributes{a, changes} {
		for name, value := range from {
			changed[name] = value
		}
	}
	return changed
}

// encode converts a Go value to a protocol value.
func encode(kind tftypes.Type, value any) (tftypes.Value, error) {
	switch v := value.(type) {
	case nil:
		return tftypes.NewValue(kind, nil), nil
	case Unknown:
		return tftypes.NewValue(kind, tftypes.UnknownValue), nil
	case int:
		return tftypes.NewValue(kind, int64(v)), nil
	case []any:
		return encodeList(kind, v)
	case Attributes:
		return encodeNamed(kind, v)
	case tftypes.Value: // for attributes of any type
		return v, nil
	default:
		return tftypes.NewValue(kind, v), tftypes.ValidateValue(kind, v)
	}
}

func encodeList(kind tftypes.Type, items []any) (tftypes.Value, error) {
	list, ok := kind.(tftypes.List)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("a list cannot be a %s", kind)
	}
	values := make([]tftypes.Value, 0, len(items))
	for _, item := range items {
		value, err := encode(list.ElementType, item)
		if err != nil {
			return tftypes.Value{}, err
		}
		values = append(values, value)
	}
	return tftypes.NewValue(kind, values), nil
}

func encodeNamed(kind tftypes.Type, members Attributes) (tftypes.Value, error) {
	values := map[string]tftypes.Value{}
	types := map[string]tftypes.Type{}
	switch t := kind.(type) {
	case tftypes.Object:
		types = t.AttributeTypes
	case tftypes.Map:
		for name := range members {
			types[name] = t.ElementType
		}
	default:
		return tftypes.Value{}, fmt.Errorf("named values cannot be a %s", kind)
	}
	for name := range members {
		if _, ok := types[name]; !ok {
			return tftypes.Value{}, fmt.Errorf("there is no attribute %q", name)
		}
	}
	for name, t := range types {
		value, err := encode(t, members[name])
		if err != nil {
			return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
		}
		values[name] = value
	}
	return tftypes.NewValue(kind, values), nil
}

// decode converts a protocol value to a Go value: nil, Unknown, string, bool,
// float64, []any or Attributes.
func decode(value tftypes.Value) (any, error) {
	switch {
	case value.IsNull():
		return nil, nil
	case !value.IsKnown():
		return Unknown{}, nil
	case value.Type().Is(tftypes.String):
		return decodeAs[string](value)
	case value.Type().Is(tftypes.Bool):
		return decodeAs[bool](value)
	case value.Type().Is(tftypes.Number):
		number := new(big.Float)
		err := value.As(&number)
		f, _ := number.Float64()
		return f, err
	case value.Type().Is(tftypes.Object{}), value.Type().Is(tftypes.Map{}):
		return decodeNamed(value)
	default:
		return decodeItems(value)
	}
}

func decodeAs[T any](value tftypes.Value) (any, error) {
	var to T
	err := value.As(&to)
	return to, err
}

func decodeNamed(value tftypes.Value) (any, error) {
	members := map[string]tftypes.Value{}
	if err := value.As(&members); err != nil {
		return nil, err
	}
	decoded := Attributes{}
	for name, member := range members {
		plain, err := decode(member)
		if err != nil {
			return nil, err
		}
		decoded[name] = plain
	}
	return decoded, nil
}

func decodeItems(value tftypes.Value) (any, error) {
	var items []tftypes.Value
	if err := value.As(&items); err != nil {
		return nil, err
	}
	decoded := make([]any, 0, len(items))
	for _, item := range items {
		plain, err := decode(item)
		if err != nil {
			return nil, err
		}
		decoded = append(decoded, plain)
	}
	return decoded, nil
}
