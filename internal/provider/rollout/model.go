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

// ModelOf returns the model of a deploy block, or the zero Model if the block
// is null. For an unknown block, such as a dynamic block, the model has an
// unknown release.
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

// member returns an attribute of a block. If the block is null, it returns the
// zero T, which is a null value.
func member[T attr.Value](attributes map[string]attr.Value, name string) T {
	value, _ := attributes[name].(T) // the schema guarantees the type
	return value
}

// Effect returns one of the OnChange values, which says what a new release does
// to the server. It defaults to OnChangeRestart.
func (m Model) Effect() string {
	if m.OnChange.ValueString() == "" {
		return DefaultOnChange
	}
	return m.OnChange.ValueString()
}

// Spec returns the desired state that the block describes, with the defaults filled
// in.
func (m Model) Spec() deploy.Spec {
	spec := deploy.Spec{
		Channel: m.Channel.ValueString(),
		Release: m.Release.ValueString(),
		Group:   m.Group.ValueString(),
		Limit:   int(max(m.MaxUnavailable.ValueInt64(), DefaultMaxUnavailable)),
	}
	if spec.Group == "" {
		spec.Group = spec.Channel
	}
	health := m.Health.Attributes()
	spec.Health.Port = member[types.Int64](health, "tcp_port").ValueInt64()
	spec.Health.URL = member[types.String](health, "http").ValueString()
	spec.Health.Status = int(member[types.Int64](health, "status").ValueInt64())
	spec.Health.Body = member[types.String](health, "body").ValueString()
	spec.Health.Timeout = tf.DurationOr(member[types.String](health, "timeout"), DefaultHealthTimeout)
	return spec
}

// WithRelease returns a copy of a deploy block with another release.
func WithRelease(ctx context.Context, block types.Object, release types.String) types.Object {
	attributes := maps.Clone(block.Attributes())
	attributes["release"] = release
	changed, diags := types.ObjectValue(block.AttributeTypes(ctx), attributes)
	if diags.HasError() {
		return block // cannot happen, because only the value of a string has changed
	}
	return changed
}

// deployRules validates that a deploy block has a channel and a release. The
// schema cannot require the two, because required attributes make the block
// itself required.
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
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Missing "+name, "A deploy block must set "+name+": "+map[string]string{
				"channel": "the channel that holds the path of the release's archive, for example gogrid_storage_channel.app.name.",
				"release": "the release that the server runs, for example data.gogrid_bootstrap_archive.app.release.",
			}[name])
		}
	}
}

// Path returns the path of the attribute deploy.release.
func Path() path.Path { return path.Root("deploy").AtName("release") }
