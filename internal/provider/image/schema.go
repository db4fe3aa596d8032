// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
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

// replacesUnlessUnset documents attributes that GoGrid does not store. They are
// null after an import, so the first value does not replace the image.
const replacesUnlessUnset = "Changing this replaces the image, unless the state has no value, as after an import."

func myGSIImageSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		Version: 1,
		MarkdownDescription: "A MyGSI image: the account's own server image, saved from a sandbox. The sandbox either exists already (`sandbox_id`) or is created for the image (`build`). " +
			"The `prepare` block describes the preparation of the sandbox before the save. Destroying the image moves it to the trash.\n\n" +
			"Set `create_before_destroy` in `lifecycle`. The old image then exists until all servers have moved to the new one. If a file has changed since the plan was saved, " +
			"the apply fails before it changes anything. Without `create_before_destroy` the old image is gone by then.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Id of the image."),
			"friendly_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Friendly name. It need not be unique. Updated in place.",
			},
			"description": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Free text of at most 500 characters. If `deployment` is set in the provider block, the tag counts toward the limit. " +
					"Updated in place.",
				Validators: []validator.String{tf.AtMost(ownership.MaxDescription)},
			},
			"is_public": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether other accounts may use the image. " + tf.DefaultText(false) + " Updated in place.",
			},
			"sandbox_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Id of an existing sandbox to save. GoGrid may switch the sandbox off for the save. " +
					"Exactly one of `sandbox_id` and `build` must be set. " + replacesUnlessUnset,
				Validators: []validator.String{tf.IDNumber()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.StateValue.IsNull()
					}, replacesUnlessUnset, replacesUnlessUnset)},
			},
			"rebuild_triggers": schema.MapAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Arbitrary values, for example digests of the software in the sandbox. " + replacesUnlessUnset,
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.StateValue.IsNull()
					}, replacesUnlessUnset, replacesUnlessUnset)},
			},
			"name":         tf.ComputedText("Name that GoGrid generates, `GSI-` and a UUID."),
			"state":        tf.ComputedText("State that GoGrid shows: `Saving`, `Available`, `Trash`, `Deleted` or `Migrating`."),
			"os":           tf.ComputedText("Operating system of the image."),
			"architecture": tf.ComputedText("Architecture: `32-bit` or `64-bit`."),
			"min_ram":      tf.ComputedText("Smallest RAM size of a server that is made from the image."),
			"location":     tf.ComputedText("Location of the image in Cloud Storage."),
			"created_at":   tf.ComputedText("Time at which the image was saved, on the grid's clock, RFC 3339."),
			"deployment":   tf.DeploymentAttribute("image"),
			"prepared_digest": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Digest (SHA-256) of the preparation: contents, destinations and modes of files, commands, scripts, restarts, environment, the account that runs them, " +
					"and the version numbers of write-only values. The plan shows it. A changed digest replaces the image, unless the state has no digest, as after an import.",
			},
			"prepared_files": schema.MapAttribute{
				ElementType: types.StringType,
				Computed:    true,
				MarkdownDescription: "SHA-256 of each local file that `prepare` reads, by its path in the configuration, and of each `content`, by its destination. " +
					"If a file has changed since the plan was saved, the apply fails and names the file here.",
			},
			"host_key": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Host key that the sandbox presented, in the form of `authorized_keys`; null without a login over SSH. " +
					"An apply that continues an interrupted build accepts no other key.",
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

// buildBlock returns the schema of the build block.
func buildBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Sandbox that the provider creates for the image. The provider deletes the sandbox once the image is saved, when a step fails, and on Ctrl-C, " +
			"because a sandbox is billed for as long as it exists. If `deployment` is set in the provider block, the next apply continues or cleans up an interrupted build. " +
			"Changes to attributes other than `image` apply to the next build and do not replace the image.",
		Attributes: map[string]schema.Attribute{
			"image": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Image of the sandbox, by id or by name: a base image such as `centos6.2_64_base`, or a MyGSI image. Required in this block. " +
					"A different reference to the same image changes nothing. " + replacesUnlessUnset,
			},
			"datacenter": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Datacenter of the sandbox, by name or id, for example `US-West-1`. Defaults to the datacenter of `public_ip`, else to the provider's `datacenter`, " +
					"else to a datacenter that has the image.",
			},
			"public_ip": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Public address of the sandbox: a free address of the account. Defaults to the lowest free address, which the apply chooses.",
				Validators:          []validator.String{tf.IPv4()},
			},
			"keep_sandbox_on_failure": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to keep the sandbox when a step fails, so that you can log in and find the cause. The sandbox is billed until the next apply or a destroy deletes it. " +
					tf.DefaultText(false),
			},
			"max_duration": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Longest time from the start of the sandbox until the image is available, as a duration. " + tf.DefaultText(DefaultMaxDuration) +
					" A time limit in `timeouts` also applies.",
				Validators: []validator.String{tf.PositiveDuration()},
			},
		},
	}
}

// verifyBlock returns the schema of the verify block.
func verifyBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Test of a new image. The provider starts a server from the image, runs the commands in it and deletes it before other resources can use the image. " +
			"If a command fails, the image is moved to the trash. The login uses `prepare.connection`, but with the administrator's password of the new server from the account's password list. " +
			"A change applies to the next image.",
		Attributes: map[string]schema.Attribute{
			"commands": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Commands to run, one after the other. Each must end with exit code 0. Exactly one of `commands` and `steps` must be set in this block.",
				Validators:          []validator.List{prepare.TextList{Of: "command"}},
			},
			"steps": prepare.VerifyStepsAttribute(),
			"ram": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "RAM size of the server, for example `1GB`. Defaults to the smallest size that the image allows.",
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Maximum time to wait for the login after GoGrid reports the server as on, and for each restart in `steps`, as a duration. " + tf.DefaultText(prepare.DefaultLoginTimeout),
				Validators:          []validator.String{tf.PositiveDuration()},
			},
		},
	}
}
