// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// validate sends one configuration to the provider and returns its diagnostics.
type validate func(ctx context.Context, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)

// configurable is a part of the provider with a configuration, such as a
// resource.
type configurable struct {
	block    *tfprotov6.SchemaBlock
	validate validate
}

// configurables returns the provider block and all resources, data sources and
// ephemeral resources, by kind and name.
func configurables(t *testing.T) map[string]configurable {
	t.Helper()
	server := providerserver.NewProtocol6(New("test", func(string) string { return "" }, clockwork.NewRealClock())())()
	resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]configurable{"provider": {resp.Provider.Block, func(ctx context.Context, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		answer, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
		return answer.Diagnostics, err
	}}}
	for name, schema := range resp.ResourceSchemas {
		all["resource "+name] = configurable{schema.Block, func(ctx context.Context, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			answer, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: name, Config: config,
				ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
			})
			return answer.Diagnostics, err
		}}
	}
	for name, schema := range resp.DataSourceSchemas {
		all["data "+name] = configurable{schema.Block, func(ctx context.Context, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			answer, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
			return answer.Diagnostics, err
		}}
	}
	for name, schema := range resp.EphemeralResourceSchemas {
		all["ephemeral "+name] = configurable{schema.Block, func(ctx context.Context, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			answer, err := server.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: config})
			return answer.Diagnostics, err
		}}
	}
	return all
}

// textAttribute is a string attribute that a configuration may set.
type textAttribute struct {
	at       *tftypes.AttributePath
	required bool
}

// textAttributes returns the string attributes of a block that a configuration may
// set, including those of nested blocks and of nested attributes. A path through a
// list leads to its first item.
func textAttributes(at *tftypes.AttributePath, attributes []*tfprotov6.SchemaAttribute, blocks []*tfprotov6.SchemaNestedBlock) []textAttribute {
	var found []textAttribute
	for _, attribute := range attributes {
		here := at.WithAttributeName(attribute.Name)
		switch {
		case !attribute.Optional && !attribute.Required:
		case attribute.NestedType != nil:
			switch attribute.NestedType.Nesting {
			case tfprotov6.SchemaObjectNestingModeList:
				here = here.WithElementKeyInt(0)
			case tfprotov6.SchemaObjectNestingModeMap:
				here = here.WithElementKeyString("key")
			default:
			}
			found = append(found, textAttributes(here, attribute.NestedType.Attributes, nil)...)
		case attribute.Type.Is(tftypes.String):
			found = append(found, textAttribute{here, attribute.Required})
		}
	}
	for _, nested := range blocks {
		here := at.WithAttributeName(nested.TypeName)
		if nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeList {
			here = here.WithElementKeyInt(0)
		}
		found = append(found, textAttributes(here, nested.Block.Attributes, nested.Block.BlockTypes)...)
	}
	return found
}

// withValue returns a value of the given type. It holds the given value at the
// end of the path, and null everywhere else.
func withValue(t *testing.T, of tftypes.Type, steps []tftypes.AttributePathStep, value any) tftypes.Value {
	t.Helper()
	if len(steps) == 0 {
		return tftypes.NewValue(of, value)
	}
	switch of := of.(type) {
	case tftypes.Object:
		members := map[string]tftypes.Value{}
		for name, memberType := range of.AttributeTypes {
			if tftypes.AttributeName(name) == steps[0] {
				members[name] = withValue(t, memberType, steps[1:], value)
			} else {
				members[name] = tftypes.NewValue(memberType, nil)
			}
		}
		return tftypes.NewValue(of, members)
	case tftypes.List:
		return tftypes.NewValue(of, []tftypes.Value{withValue(t, of.ElementType, steps[1:], value)})
	case tftypes.Map:
		return tftypes.NewValue(of, map[string]tftypes.Value{"key": withValue(t, of.ElementType, steps[1:], value)})
	default:
		t.Fatalf("this test cannot build a value of the type %s", of)
		return tftypes.Value{}
	}
}

// TestEmptyTextsAreRefused sets each string attribute of each object to an
// empty, blank, unknown and null text. An empty or blank text must cause one
// error on the attribute, unless tf.MayBeEmpty allows the text.
func TestEmptyTextsAreRefused(t *testing.T) {
	t.Parallel()
	attributes := 0
	for name, object := range configurables(t) {
		for _, attribute := range textAttributes(tftypes.NewAttributePath(), object.block.Attributes, object.block.BlockTypes) {
			attributes++
			steps := attribute.at.Steps()
			last := string(attribute.at.LastStep().(tftypes.AttributeName))
			for _, text := range []any{"", " ", "\n", tftypes.UnknownValue, nil} {
				of := object.block.ValueType()
				config, err := tfprotov6.NewDynamicValue(of, withValue(t, of, steps, text))
				if err != nil {
					t.Fatal(err)
				}
				diags, err := object.validate(t.Context(), &config)
				if err != nil {
					t.Fatal(err)
				}
				blank, known := text.(string)
				wantEmpty := known && !tf.MayBeEmpty(last, blank)
				wantEmptyError(t, fmt.Sprintf("%s: %s = %#v", name, attribute.at, text), diags, attribute, wantEmpty)
			}
		}
	}
	if attributes < 100 {
		t.Errorf("the test found %d string attributes, want all of them, at least 100", attributes)
	}
}

// wantEmptyError checks that the diagnostics hold one error about an empty text
// on the attribute, and no other errors on it. If want is false, they must hold
// no error about an empty text.
func wantEmptyError(t *testing.T, input string, diags []*tfprotov6.Diagnostic, attribute textAttribute, want bool) {
	t.Helper()
	var empty, others []string
	for _, d := range diags {
		switch {
		case d.Severity != tfprotov6.DiagnosticSeverityError || !attribute.at.Equal(d.Attribute):
		case strings.Contains(d.Detail, "must not be empty"):
			empty = append(empty, d.Detail)
		case d.Summary == "Invalid Attribute Combination", strings.HasPrefix(d.Summary, "Unused "): // errors about other attributes
		default:
			others = append(others, d.Summary+": "+d.Detail)
		}
	}
	if !want {
		if len(empty) > 0 {
			t.Errorf("%s: got the error %q, want none about an empty text", input, empty)
		}
		return
	}
	if len(empty) != 1 {
		t.Errorf("%s: got %d errors about an empty text on the attribute, want one: %v", input, len(empty), diags)
		return
	}
	if attribute.required == strings.Contains(empty[0], "set it to null") {
		t.Errorf("%s: the error is %q, want advice to leave the attribute out if and only if it is optional", input, empty[0])
	}
	// The framework itself also checks the timeouts block.
	if len(others) > 0 && !slices.Contains(attribute.at.Steps(), tftypes.AttributePathStep(tftypes.AttributeName("timeouts"))) {
		t.Errorf("%s: got further errors about the same attribute: %q", input, others)
	}
}
