// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// machineName returns the attribute name. GoGrid's wiki states the limit of 20
// characters.
func machineName(kind string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of the " + kind + ", 1 to 20 characters. No other " + kind + " of this configuration may have the same name. Changing this replaces the " + kind + ", because GoGrid cannot rename it.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          []validator.String{tf.AtMost(20)},
	}
}

// machineAttributes returns the attributes that servers and sandboxes have in
// common.
func machineAttributes(kind string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Id of the " + kind + ". GoGrid assigns it a few minutes after the " + kind + " was requested.",
			PlanModifiers:       tf.KeepString(),
		},
		"name": machineName(kind),
		"image": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "Image that the " + kind + " is created from, by id or name: a base image such as `centos6.2_64_base`, or a MyGSI image. " +
				"Changing this to a different image replaces the " + kind + ". A different reference to the same image changes nothing.",
		},
		"image_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Id of the image.",
			PlanModifiers:       tf.KeepString(),
		},
		"description": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Free text of at most 500 characters. If `deployment` is set in the provider block, the tag of the deployment counts toward the limit. " +
				"Updated in place.",
			Validators: []validator.String{tf.AtMost(ownership.MaxDescription)},
		},
		"public_ip": schema.StringAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Public address. Must be a free public address of the account. Defaults to the lowest free address, which the apply chooses. " +
				"Changing this replaces the " + kind + ".",
			PlanModifiers: tf.ReplaceString(),
			Validators:    []validator.String{tf.IPv4()},
		},
		"datacenter": schema.StringAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Datacenter, by name or id, for example `US-West-1`. Defaults to the datacenter of `public_ip`, then to `datacenter` of the provider block, " +
				"then to a datacenter that has the image. Changing this replaces the " + kind + ".",
			PlanModifiers: tf.KeepString(),
		},
		"state": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "State that GoGrid reports, such as `On`, `Off` or `Updating`.",
			PlanModifiers:       tf.KeepString(),
		},
		"deployment": tf.DeploymentAttribute(kind),
		"os": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Operating system of the image, for example `CentOS 6.2 (64-bit)`.",
			PlanModifiers:       tf.KeepString(),
		},
	}
}

// readyBlock returns the ready block. After the server is "On", a create waits
// until the checks of this block succeed.
func readyBlock(kind string) schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Checks that must succeed before the " + kind + " counts as ready. GoGrid reports `On` a few minutes before the " + kind + " accepts connections. " +
			"Without this block, the state `On` is sufficient. Set `tcp_port`, `http` or both; if both are set, both checks must succeed.",
		Validators: []validator.Object{readyRules{}},
		Attributes: map[string]schema.Attribute{
			"tcp_port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Port on the public address that must accept a connection, for example `22` or `3389`.",
				Validators:          []validator.Int64{int64validator.Between(1, 65535)},
			},
			"http": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "URL that must answer with a status from 200 to 299, for example `http://{public_ip}:8080/health`. " +
					"`{public_ip}` and `{private_ip}` stand for the addresses of the " + kind + ". Redirects are followed only within the same host.",
				Validators: []validator.String{tf.HTTPURL()},
			},
			"timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Maximum time to wait until the checks succeed, as a duration. " + tf.DefaultText(machine.DefaultReadyTimeout) +
					" The time limits in `timeouts` also apply.",
				Validators: []validator.String{tf.PositiveDuration()},
			},
		},
	}
}

// readyRules accepts a ready block with at least one check.
type readyRules struct{}

// Description implements validator.Object.
func (readyRules) Description(context.Context) string { return "must have tcp_port, http or both" }

// MarkdownDescription implements validator.Object.
func (r readyRules) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateObject implements validator.Object.
func (readyRules) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if !tf.IsSet(req.ConfigValue) {
		return
	}
	checks := req.ConfigValue.Attributes()
	if timeout, ok := checks["timeout"].(types.String); ok && tf.IsSet(timeout) {
		if _, err := tf.ParseDuration(timeout.ValueString()); err != nil {
			return // the attribute's own rule reports the error
		}
	}
	if checks["tcp_port"].IsNull() && checks["http"].IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "No check in the ready block",
			"The block names no check, so it would not wait for anything. Set tcp_port, http or both, or remove the block.")
	}
}

// machineIdentity returns the identity of a server or sandbox: its public address.
// Only one server can have an address, and unlike the id, the address is known
// when the server is added.
func machineIdentity(kind string) identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"public_ip": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Public address of the " + kind + ".",
			},
		},
	}
}
