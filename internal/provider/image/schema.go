// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// replacesUnlessUnset explains why an attribute that only the configuration has does
// not replace an image at its first appearance: after an import it is null.
const replacesUnlessUnset = "A change makes a new image, unless there was no value before, as after an import."

func myGSIImageSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A MyGSI image: the account's own server image, saved from a sandbox. The sandbox is one that exists (`sandbox_id`) or one that is made for it (`build`), " +
			"and what `prepare` says is done in it before it is saved. Destroying the image moves it to the trash.\n\n" +
			"Set `create_before_destroy` in `lifecycle`. The old image is then there until servers have moved to the new one, and a file that has changed or vanished between a saved plan and its apply " +
			"is noticed before anything is touched. Without it the old image is gone by then.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Id of the image."),
			"friendly_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name for people. It need not be unique. Changed in place.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"description": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Free text, at most 500 characters; with `deployment` set in the provider block, its mark counts among them. " +
					"Changed in place.",
				Validators: []validator.String{stringvalidator.UTF8LengthAtMost(ownership.MaxDescription)},
			},
			"is_public": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether other accounts may use the image. " + tf.DefaultText(false) + " Updated in place.",
			},
			"sandbox_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Id of the sandbox to save. What is neither in it nor put there by `prepare` is not in the image. " +
					"GoGrid may switch it off for the save. Exactly one of `sandbox_id` and `build` is needed. " + replacesUnlessUnset,
				Validators: []validator.String{tf.IDNumber()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.StateValue.IsNull()
					}, replacesUnlessUnset, replacesUnlessUnset)},
			},
			"rebuild_triggers": schema.MapAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Any texts, for example digests of what was installed in the sandbox. " + replacesUnlessUnset,
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.StateValue.IsNull()
					}, replacesUnlessUnset, replacesUnlessUnset)},
			},
			"name":         tf.ComputedText("Name that GoGrid generates, `GSI-` and a UUID."),
			"state":        tf.ComputedText("State that GoGrid shows: `Saving`, `Available`, `Trash`, `Deleted` or `Migrating`."),
			"os":           tf.ComputedText("Operating system."),
			"architecture": tf.ComputedText("`32-bit` or `64-bit`."),
			"min_ram":      tf.ComputedText("Smallest RAM size that a server of this image can have."),
			"location":     tf.ComputedText("Where the image lies in Cloud Storage."),
			"created_at":   tf.ComputedText("When the image was saved, on the grid's clock, RFC 3339."),
			"deployment":   tf.DeploymentAttribute("image"),
			"prepared_digest": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Digest (SHA-256) of all that `prepare` puts into the image: contents, destinations and modes of files, commands, scripts, environment, the account that does it, " +
					"and the version numbers of write-only values. Known when planning. A change makes a new image, unless there was no digest before, as after an import.",
			},
			"prepared_files": schema.MapAttribute{
				ElementType: types.StringType,
				Computed:    true,
				MarkdownDescription: "SHA-256 of each local file that `prepare` reads, by its path as written. Where a file was changed between a saved plan and its apply, " +
					"Terraform refuses the apply and names the file here.",
			},
			"host_key": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Host key that the sandbox showed, in the form of `authorized_keys`. Null where nobody logged in over SSH. " +
					"A creation that goes on after an interruption refuses another key.",
			},
			"datacenters": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "Names of the datacenters where the image can be used.",
				PlanModifiers:       []planmodifier.List{listplanmodifier.UseNonNullStateForUnknown()},
			},
		},
		Blocks: map[string]schema.Block{
			"build":    buildBlock(),
			"prepare":  prepare.Block(),
			"verify":   verifyBlock(),
			"timeouts": timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
		},
	}
}

// buildBlock asks for a sandbox that lives for one image.
func buildBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Makes the image in a sandbox of its own, which is deleted when the image is saved, when a step fails, and on Ctrl-C: " +
			"a sandbox is billed for as long as it is there. With `deployment` set in the provider block, a build that was cut short is recognised and gone on with or cleaned up. " +
			"All but `image` matter only while the image is made: changing them later changes nothing.",
		Attributes: map[string]schema.Attribute{
			"image": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Required in this block. Image that the sandbox is made from, by id or by name: a base image such as `centos6.2_64_base`, or a MyGSI image. " +
					"The same image written differently is no change. " + replacesUnlessUnset,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"datacenter": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Datacenter of the sandbox, by name or id, for example `US-West-1`. Defaults to that of `public_ip`, else the provider's `datacenter`, " +
					"else one that has the image.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"public_ip": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Public address of the sandbox, one of the account's that is free. When not set, the lowest free one is chosen while applying.",
				Validators:          []validator.String{tf.IPv4()},
			},
			"keep_sandbox_on_failure": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether the sandbox stays when a step fails, so that one can log in and look. It is billed until the next apply or a destroy deletes it. " +
					tf.DefaultText(false),
			},
			"max_duration": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long it may take from the start of the sandbox until the image is available, as a duration. " + tf.DefaultText(DefaultMaxDuration) +
					" A time limit in `timeouts` also applies.",
				Validators: []validator.String{tf.PositiveDuration()},
			},
		},
	}
}

// verifyBlock asks for a server that tries the image out.
func verifyBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Tries a new image out: a server is started from it, the commands are run there, and the server is deleted. Only then can servers of the configuration use the image. " +
			"An image that fails is moved to the trash. One logs in as `prepare.connection` says; the administrator's password is the new server's own, from the account's password list. " +
			"A change applies to the next image.",
		Attributes: map[string]schema.Attribute{
			"commands": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Required in this block. Commands to run, one after the other. Each must end with exit code 0.",
				Validators:          []validator.List{prepare.TextList{Of: "command"}},
			},
			"ram": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "RAM size of the server, by name or id, for example `1GB`. Defaults to the smallest that the image needs.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long to wait for the login after GoGrid shows the server as on, as a duration. " + tf.DefaultText(prepare.DefaultLoginTimeout),
				Validators:          []validator.String{tf.PositiveDuration()},
			},
		},
	}
}
