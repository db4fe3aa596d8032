// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
)

// deployModel is the deploy block of a server.
type deployModel struct {
	Channel        types.String `tfsdk:"channel"`
	Release        types.String `tfsdk:"release"`
	OnChange       types.String `tfsdk:"on_change"`
	Group          types.String `tfsdk:"group"`
	MaxUnavailable types.Int64  `tfsdk:"max_unavailable"`
	Health         types.Object `tfsdk:"health"`
}

// healthModel is the health block in it.
type healthModel struct {
	TCPPort types.Int64  `tfsdk:"tcp_port"`
	HTTP    types.String `tfsdk:"http"`
	Status  types.Int64  `tfsdk:"status"`
	Body    types.String `tfsdk:"body"`
	Timeout types.String `tfsdk:"timeout"`
}

// emptyIfUnknown reads what is known of a block that may come from a dynamic
// one.
var emptyIfUnknown = basetypes.ObjectAsOptions{UnhandledUnknownAsEmpty: true}

// deployOf reads a deploy block; the zero model where there is none. Its
// types are those of the schema, so reading it cannot fail.
func deployOf(ctx context.Context, block types.Object) deployModel {
	var model deployModel
	if isSet(block) {
		_ = block.As(ctx, &model, emptyIfUnknown)
	}
	return model
}

// onChange is what a new release does.
func (m deployModel) onChange() string {
	if m.OnChange.ValueString() == "" {
		return onChangeRestart
	}
	return m.OnChange.ValueString()
}

// order is what the server is to do.
func (m deployModel) order(ctx context.Context) deploy.Order {
	order := deploy.Order{
		Channel: m.Channel.ValueString(),
		Release: m.Release.ValueString(),
		Group:   m.Group.ValueString(),
		Limit:   int(max(m.MaxUnavailable.ValueInt64(), 1)),
		Health:  deploy.Health{Timeout: defaultDeployTimeout},
	}
	if order.Group == "" {
		order.Group = order.Channel
	}
	if !isSet(m.Health) {
		return order
	}
	var health healthModel
	_ = m.Health.As(ctx, &health, emptyIfUnknown) // as in deployOf
	order.Health.Port, order.Health.URL = health.TCPPort.ValueInt64(), health.HTTP.ValueString()
	order.Health.Status, order.Health.Body = int(health.Status.ValueInt64()), health.Body.ValueString()
	if timeout, err := parsePositive(health.Timeout.ValueString()); err == nil {
		order.Health.Timeout = timeout
	}
	return order
}

// withRelease is a deploy block with another release.
func withRelease(block types.Object, release types.String) types.Object {
	attributes := maps.Clone(block.Attributes())
	attributes["release"] = release
	changed, diags := types.ObjectValue(block.AttributeTypes(context.Background()), attributes)
	if diags.HasError() {
		return block // cannot be: only a text has changed
	}
	return changed
}

// deployRules is what a deploy block must have. A block cannot have required
// attributes, or it would be required itself.
type deployRules struct{}

func (deployRules) Description(context.Context) string {
	return "must name a channel and a release"
}

func (r deployRules) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (deployRules) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	model := deployOf(ctx, req.ConfigValue)
	for name, value := range map[string]types.String{"channel": model.Channel, "release": model.Release} {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Missing "+name, "A deploy block needs "+name+": "+map[string]string{
				"channel": "the channel that knows where the archive of the release is, for example gogrid_storage_channel.app.name.",
				"release": "the release that the server is to run, for example data.gogrid_bootstrap_archive.app.release.",
			}[name])
		}
	}
}

// deployPath is where the release of a server is asked for.
func deployPath() path.Path { return path.Root("deploy").AtName("release") }
