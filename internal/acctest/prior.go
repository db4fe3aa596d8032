// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Assume returns the object that an apply of a plan would return: the planned
// values, with each unknown value replaced by the given result or by null. It
// creates nothing on the grid.
func (s *Session) Assume(p *Plan, results Attributes) Object {
	s.t.Helper()
	schema := s.schema(p.prior.TypeName)
	values := maps.Clone(members(p.planned)) // members returns the map inside the value, so clone it
	known := members(s.encode(schema.ValueType(), results))
	for name, value := range values {
		if !value.IsFullyKnown() {
			values[name] = known[name]
		}
	}
	return Object{TypeName: p.prior.TypeName, state: tftypes.NewValue(schema.ValueType(), values)}
}

// Altered returns an object with some values of its state changed, for example
// to values that an older release or an earlier apply left.
func (s *Session) Altered(o Object, changes Attributes) Object {
	s.t.Helper()
	kind := s.schema(o.TypeName).ValueType()
	values := maps.Clone(members(o.state))
	encoded := members(s.encode(kind, changes))
	for name := range changes {
		values[name] = encoded[name]
	}
	o.state = tftypes.NewValue(kind, values)
	return o
}

// withoutWriteOnly returns a configuration with null in place of write-only
// values, as in plans and states.
func (s *Session) withoutWriteOnly(schema *tfprotov6.Schema, config tftypes.Value) tftypes.Value {
	s.t.Helper()
	bare, err := tftypes.Transform(config, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if attribute := blockAttribute(schema.Block, at.Steps()); attribute != nil && attribute.WriteOnly {
			return tftypes.NewValue(attribute.ValueType(), nil), nil
		}
		return value, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return bare
}

// blockAttribute returns the attribute at a path in a block, including its nested
// blocks and nested attributes. It returns nil if the path leads to something else.
func blockAttribute(block *tfprotov6.SchemaBlock, steps []tftypes.AttributePathStep) *tfprotov6.SchemaAttribute {
	if len(steps) == 0 {
		return nil
	}
	name, _ := steps[0].(tftypes.AttributeName)
	for _, nested := range block.BlockTypes {
		if nested.TypeName == string(name) {
			return blockAttribute(nested.Block, steps[1:])
		}
	}
	return nestedAttribute(block.Attributes, steps)
}

// nestedAttribute returns the attribute at a path that starts with one of attributes.
func nestedAttribute(attributes []*tfprotov6.SchemaAttribute, steps []tftypes.AttributePathStep) *tfprotov6.SchemaAttribute {
	name, _ := steps[0].(tftypes.AttributeName)
	for _, attribute := range attributes {
		switch {
		case attribute.Name != string(name):
		case len(steps) == 1:
			return attribute
		case attribute.NestedType == nil:
			return nil
		default:
			return insideElement(attribute.NestedType, steps[1:])
		}
	}
	return nil
}

// insideElement returns the attribute at a path inside a nested attribute. If the
// nested attribute is a collection, the first step selects an element.
func insideElement(object *tfprotov6.SchemaObject, steps []tftypes.AttributePathStep) *tfprotov6.SchemaAttribute {
	if object.Nesting != tfprotov6.SchemaObjectNestingModeSingle {
		steps = steps[1:]
	}
	if len(steps) == 0 {
		return nil
	}
	return nestedAttribute(object.Attributes, steps)
}
