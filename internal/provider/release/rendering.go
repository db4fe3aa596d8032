// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// renderedModel is the model of a data source that renders files from an input
// I of package startup.
type renderedModel[I any] interface {
	// input returns the known part of the input. Unknown values are zero.
	input(ctx context.Context) (I, diag.Diagnostics)
}

// readInput reads a configuration into a model and returns its input. If the
// input is not usable, readInput returns false and adds the reason to diags.
func readInput[I any](ctx context.Context, config tfsdk.Config, model renderedModel[I], diags *diag.Diagnostics) (I, bool) {
	var none I
	configDiags := config.Get(ctx, model)
	diags.Append(configDiags...)
	if configDiags.HasError() {
		return none, false
	}
	input, inputDiags := model.input(ctx)
	diags.Append(inputDiags...)
	return input, !inputDiags.HasError()
}

// routeModel is one element of a list of routes.
type routeModel struct {
	Destination types.String `tfsdk:"destination"`
	Gateway     types.String `tfsdk:"gateway"`
}

// knownRoutes returns the routes of a list. Unknown and invalid values are
// zero; validators report invalid values.
func knownRoutes(ctx context.Context, list types.List) ([]startup.Route, diag.Diagnostics) {
	if !tf.IsSet(list) {
		return nil, nil
	}
	var models []routeModel
	diags := list.ElementsAs(ctx, &models, true)
	routes := make([]startup.Route, len(models))
	for i, model := range models {
		routes[i].Destination, _ = netip.ParsePrefix(model.Destination.ValueString())
		routes[i].Gateway, _ = netip.ParseAddr(model.Gateway.ValueString())
	}
	return routes, diags
}

// startupProblems returns one error for each problem of an input, on the
// attribute that causes the problem. what names the result in messages.
func startupProblems(what string, err error) diag.Diagnostics {
	var invalid *startup.InvalidError
	if !errors.As(err, &invalid) {
		return diag.Diagnostics{tf.Failure("render "+what, err)}
	}
	var diags diag.Diagnostics
	for _, problem := range invalid.Problems {
		at, name := path.Empty(), ""
		for i, step := range problem.Path {
			switch step := step.(type) {
			case int:
				at = at.AtListIndex(step)
			case string:
				name = step
				if i == 0 {
					at = path.Root(step)
				} else {
					at = at.AtName(step)
				}
			case startup.Key:
				at = at.AtMapKey(string(step))
				name = string(step)
			}
		}
		diags.AddAttributeError(at, "Cannot render "+what, tf.Sentence(fmt.Sprintf("%q %v", name, problem.Err)))
	}
	return diags
}
