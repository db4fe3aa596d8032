// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
)

// KeepString keeps the value of a computed attribute over updates. A null is
// not kept: a creation that was cut short leaves nulls, and the update that
// goes on must be free to fill them.
func KeepString() []planmodifier.String {
	return []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}
}

// ReplaceString is KeepString for an attribute that, when configured, cannot
// be changed in place.
func ReplaceString() []planmodifier.String {
	return append(KeepString(), stringplanmodifier.RequiresReplaceIfConfigured())
}

// DeploymentAttribute shows the deployment that owns an object.
func DeploymentAttribute(kind string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Deployment whose tag the " + kind + " carries on GoGrid; null without a tag. It follows `deployment` of the provider block: " +
			"a new name there replaces the tag in place.",
		PlanModifiers: KeepString(),
	}
}

// ComputedText is an attribute that the grid decides and that does not change.
func ComputedText(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description, PlanModifiers: KeepString()}
}

// IDIdentity identifies an object by its id.
func IDIdentity(of string) identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the " + of + "."},
		},
	}
}
