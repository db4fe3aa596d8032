// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The functions below check the rules that Terraform enforces. If a plan or
// apply of a provider breaks one of these rules, Terraform stops with "Provider
// produced inconsistent result" or a similar error.

// members returns the attributes of an object. A null object has none.
func members(object tftypes.Value) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	if object.IsNull() || !object.IsKnown() {
		return values
	}
	_ = object.As(&values) // callers pass only objects
	return values
}

// proposed merges a configuration with the provider's earlier decisions, as
// Terraform does before it requests a plan.
func proposed(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	before, values := members(prior), maps.Clone(members(config)) // members returns the map inside the value, so clone it
	for _, attribute := range schema.Block.Attributes {
		old, existed := before[attribute.Name]
		if attribute.Computed && values[attribute.Name].IsNull() && existed {
			values[attribute.Name] = old
		}
	}
	return tftypes.NewValue(config.Type(), values)
}

// illegalPlan returns the attributes whose planned values are illegal. A planned
// value must equal the configured value or the prior value, unless the provider
// may choose the value.
func illegalPlan(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) []string {
	var problems []string
	before, configured, plan := members(prior), members(config), members(planned)
	for _, attribute := range schema.Block.Attributes {
		name := attribute.Name
		old, existed := before[name]
		switch {
		case plan[name].Equal(configured[name]):
		case configured[name].IsNull() && attribute.Computed:
		case existed && !configured[name].IsNull() && plan[name].Equal(old):
		default:
			problems = append(problems, fmt.Sprintf("%s is planned as %s but configured as %s", name, plan[name], configured[name]))
		}
	}
	for _, block := range schema.Block.BlockTypes {
		if !plan[block.TypeName].Equal(configured[block.TypeName]) {
			problems = append(problems, fmt.Sprintf("block %s is planned differently from its configuration", block.TypeName))
		}
	}
	slices.Sort(problems)
	return problems
}

// inconsistent returns the attributes with known planned values that differ in
// the result.
func inconsistent(at string, planned, result tftypes.Value) []string {
	switch {
	case !planned.IsKnown():
		return nil
	case planned.IsNull() || result.IsNull():
		if planned.IsNull() != result.IsNull() {
			return []string{fmt.Sprintf("%s was planned as %s but became %s", at, planned, result)}
		}
		return nil
	case planned.Type().Is(tftypes.Object{}) || planned.Type().Is(tftypes.Map{}):
		return inconsistentMembers(at, members(planned), members(result))
	case planned.IsFullyKnown() && !planned.Equal(result):
		return []string{fmt.Sprintf("%s was planned as %s but became %s", at, planned, result)}
	default:
		return nil
	}
}

func inconsistentMembers(at string, planned, result map[string]tftypes.Value) []string {
	var problems []string
	for name, value := range planned {
		became, ok := result[name]
		if !ok {
			problems = append(problems, fmt.Sprintf("%s.%s is missing from the result", at, name))
			continue
		}
		problems = append(problems, inconsistent(at+"."+name, value, became)...)
	}
	slices.Sort(problems)
	return problems
}
