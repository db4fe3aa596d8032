// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// stepModel is one step of a manifest. All its values are known.
type stepModel struct {
	Install     *installModel     `tfsdk:"install"`
	Certificate *certificateModel `tfsdk:"certificate"`
	Run         *runModel         `tfsdk:"run"`
	Service     *serviceModel     `tfsdk:"service"`
	OnError     types.String      `tfsdk:"on_error"`
	When        types.String      `tfsdk:"when"`
}

type installModel struct {
	From types.String `tfsdk:"from"`
	To   types.String `tfsdk:"to"`
}

type certificateModel struct {
	File         types.String `tfsdk:"file"`
	PasswordFile types.String `tfsdk:"password_file"`
	Store        types.String `tfsdk:"store"`
}

type runModel struct {
	Script  types.String   `tfsdk:"script"`
	Args    []types.String `tfsdk:"args"`
	Timeout types.String   `tfsdk:"timeout"`
}

type serviceModel struct {
	Name   types.String `tfsdk:"name"`
	Action types.String `tfsdk:"action"`
}

// knownSteps adds the steps without unknown values to a recipe.
func (m *ArchiveModel) knownSteps(ctx context.Context, recipe *bootstrap.Recipe, positions *archivePositions) diag.Diagnostics {
	if !tf.IsSet(m.Manifest) {
		return nil
	}
	steps, ok := m.Manifest.Attributes()["steps"].(types.List)
	if !ok || !tf.IsSet(steps) {
		return nil
	}
	var diags diag.Diagnostics
	for i, element := range steps.Elements() {
		at := path.Root("manifest").AtName("steps").AtListIndex(i)
		value, err := element.ToTerraformValue(ctx)
		if err != nil || !value.IsFullyKnown() {
			continue
		}
		object, ok := element.(types.Object)
		if !ok || object.IsNull() {
			diags.AddAttributeError(at, "Invalid step of the bootstrap archive", "The step is null. Remove it from the list.")
			continue
		}
		var model stepModel
		diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
		step, stepDiags := model.step(at)
		diags.Append(stepDiags...)
		recipe.Steps = append(recipe.Steps, step)
		positions.steps = append(positions.steps, i)
	}
	return diags
}

func (m *stepModel) step(at path.Path) (bootstrap.Step, diag.Diagnostics) {
	step := bootstrap.Step{OnError: bootstrap.OnError(m.OnError.ValueString()), When: bootstrap.When(m.When.ValueString())}
	if m.Install != nil {
		step.Install = &bootstrap.Install{From: m.Install.From.ValueString(), To: m.Install.To.ValueString()}
	}
	if m.Certificate != nil {
		step.Certificate = &bootstrap.Certificate{
			File: m.Certificate.File.ValueString(), PasswordFile: m.Certificate.PasswordFile.ValueString(), Store: m.Certificate.Store.ValueString(),
		}
	}
	if m.Service != nil {
		step.Service = &bootstrap.Service{Name: m.Service.Name.ValueString(), Action: m.Service.Action.ValueString()}
	}
	var diags diag.Diagnostics
	if m.Run != nil {
		step.Run, diags = m.Run.run(at.AtName("run"))
	}
	return step, diags
}

func (m *runModel) run(at path.Path) (*bootstrap.Run, diag.Diagnostics) {
	var diags diag.Diagnostics
	run := &bootstrap.Run{Script: m.Script.ValueString()}
	for i, arg := range m.Args {
		if arg.IsNull() {
			diags.AddAttributeError(at.AtName("args").AtListIndex(i), "Invalid step of the bootstrap archive",
				"The argument is null. Remove it from the list, for example with compact(), or write \"\" for an empty argument.")
		}
		run.Args = append(run.Args, arg.ValueString())
	}
	if m.Timeout.IsNull() {
		return run, diags
	}
	timeout, err := tf.ParseDuration(m.Timeout.ValueString())
	if err == nil && timeout%time.Second != 0 {
		err = fmt.Errorf("%q must be a number of whole seconds", m.Timeout.ValueString())
	}
	if err != nil {
		diags.AddAttributeError(at.AtName("timeout"), "Invalid step of the bootstrap archive", tf.Sentence(err.Error()))
	}
	run.TimeoutSeconds = int64(timeout / time.Second)
	return run, diags
}
