// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fromStateOn explains why an attribute that only the configuration has does
// not replace an image at its first appearance: after an import it is null.
const fromStateOn = "A change makes a new image, unless there was no value before, as after an import."

func myGSIImageSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A MyGSI image: the account's own server image, saved from a sandbox. Destroying it moves it to the trash. " +
			"Use `create_before_destroy`, so that the old image is there until servers have moved to the new one.",
		Attributes: map[string]schema.Attribute{
			"id": computedText("Id of the image."),
			"friendly_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name for people. It need not be unique. Changed in place.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"description": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Free text, at most 500 characters; with `deployment` set in the provider block, its mark counts among them. " +
					"Changed in place.",
				Validators: []validator.String{stringvalidator.UTF8LengthAtMost(maxDescription)},
			},
			"is_public": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether other accounts may use the image. Defaults to `false`. Changed in place.",
			},
			"sandbox_id": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Id of the sandbox to save. The sandbox must be finished: what is not in it when it is saved is not in the image. " +
					"GoGrid may switch it off for the save. " + fromStateOn,
				Validators: []validator.String{idNumber()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.StateValue.IsNull()
					}, fromStateOn, fromStateOn)},
			},
			"rebuild_triggers": schema.MapAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Any texts, for example digests of what was installed in the sandbox. " + fromStateOn,
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.StateValue.IsNull()
					}, fromStateOn, fromStateOn)},
			},
			"name":         computedText("Name that GoGrid generates, `GSI-` and a UUID."),
			"state":        computedText("State that GoGrid shows: `Saving`, `Available`, `Trash`, `Deleted` or `Migrating`."),
			"os":           computedText("Operating system."),
			"architecture": computedText("`32-bit` or `64-bit`."),
			"min_ram":      computedText("Smallest RAM size that a server of this image can have."),
			"location":     computedText("Where the image lies in Cloud Storage."),
			"created_at":   computedText("When the image was saved, on the grid's clock, RFC 3339."),
			"datacenters": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "Names of the datacenters where the image can be used.",
				PlanModifiers:       []planmodifier.List{listplanmodifier.UseNonNullStateForUnknown()},
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
		},
	}
}

// computedText is an attribute that the grid decides and that does not change.
func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description, PlanModifiers: keepString()}
}

// idIdentity identifies an object by its id.
func idIdentity(of string) identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the " + of + "."},
		},
	}
}
