// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Model is the deploy block of a server.
type Model struct {
	Channel, Release, OnChange, Group types.String
	MaxUnavailable                    types.Int64
	Health                            types.Object
}

// ModelOf reads a deploy block; the zero model where there is none. A block
// that is not known, as one that is dynamic may be, has a release that is not.
func ModelOf(block types.Object) Model {
	if block.IsUnknown() {
		return Model{Release: types.StringUnknown()}
	}
	attributes := block.Attributes()
	return Model{
		Channel:        member[types.String](attributes, "channel"),
		Release:        member[types.String](attributes, "release"),
		OnChange:       member[types.String](attributes, "on_change"),
		Group:          member[types.String](attributes, "group"),
		MaxUnavailable: member[types.Int64](attributes, "max_unavailable"),
		Health:         member[types.Object](attributes, "health"),
	}
}

// member is an attribute of a block; null where there is no block.
func member[T attr.Value](attributes map[string]attr.Value, name string) T {
	value, _ := attributes[name].(T) // the schema decides on the types
	return value
}

// Effect is what a new release does.
func (m Model) Effect() string {
	if m.OnChange.ValueString() == "" {
		return OnChangeRestart
	}
	return m.OnChange.ValueString()
}

// Spec is what the server is to do.
func (m Model) Spec() deploy.Spec {
	spec := deploy.Spec{
		Channel: m.Channel.ValueString(),
		Release: m.Release.ValueString(),
		Group:   m.Group.ValueString(),
		Limit:   int(max(m.MaxUnavailable.ValueInt64(), 1)),
	}
	if spec.Group == "" {
		spec.Group = spec.Channel
	}
	health := m.Health.Attributes()
	spec.Health.Port = member[types.Int64](health, "tcp_port").ValueInt64()
	spec.Health.URL = member[types.String](health, "http").ValueString()
	spec.Health.Status = int(member[types.Int64](health, "status").ValueInt64())
	spec.Health.Body = member[types.String](health, "body").ValueString()
	spec.Health.Timeout = tf.DurationOr(member[types.String](health, "timeout"), defaultDeployTimeout)
	return spec
}

// WithRelease is a deploy block with another release.
func WithRelease(ctx context.Context, block types.Object, release types.String) types.Object {
	attributes := maps.Clone(block.Attributes())
	attributes["release"] = release
	changed, diags := types.ObjectValue(block.AttributeTypes(ctx), attributes)
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

func (deployRules) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if !tf.IsSet(req.ConfigValue) {
		return
	}
	model := ModelOf(req.ConfigValue)
	for name, value := range map[string]types.String{"channel": model.Channel, "release": model.Release} {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Missing "+name, "A deploy block needs "+name+": "+map[string]string{
				"channel": "the channel that knows where the archive of the release is, for example gogrid_storage_channel.app.name.",
				"release": "the release that the server is to run, for example data.gogrid_bootstrap_archive.app.release.",
			}[name])
		}
	}
}

// Path is where the release of a server is asked for.
func Path() path.Path { return path.Root("deploy").AtName("release") }
