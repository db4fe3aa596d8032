// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
)

// KeepString keeps the value of a computed attribute across updates. It does
// not keep null: an interrupted creation leaves null values, and the update
// that completes the creation must be able to fill them.
func KeepString() []planmodifier.String {
	return []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}
}

// ReplaceString extends KeepString for an attribute whose configured value
// cannot be changed in place: a change replaces the object.
func ReplaceString() []planmodifier.String {
	return append(KeepString(), stringplanmodifier.RequiresReplaceIfConfigured())
}

// DeploymentAttribute returns the computed attribute with the deployment that
// owns an object. kind is the noun for the object in the description.
func DeploymentAttribute(kind string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Deployment whose tag the " + kind + " carries on GoGrid; null without a tag. It follows `deployment` of the provider block: " +
			"a new name there replaces the tag in place.",
		PlanModifiers: KeepString(),
	}
}

// ComputedText returns a computed string attribute that the grid sets and that
// never changes afterwards.
func ComputedText(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description, PlanModifiers: KeepString()}
}

// IDIdentity returns the identity schema of an object that is identified by its
// id.
func IDIdentity(of string) identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the " + of + "."},
		},
	}
}
