// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// machineName is the name of a server or sandbox. GoGrid's wiki gives the
// limit of 20 characters.
func machineName(kind string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of the " + kind + ", 1 to 20 characters. It must be unique among the " + kind + "s of this configuration. GoGrid cannot rename: a change replaces the " + kind + ".",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 20)},
	}
}

// machineAttributes are those that a server and a sandbox have in
// common.
func machineAttributes(kind string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Id that GoGrid gives the " + kind + " some minutes after it was asked for.",
			PlanModifiers:       tf.KeepString(),
		},
		"name": machineName(kind),
		"image": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "Image that the " + kind + " is made from, by id or by name: a base image such as `centos6.2_64_base`, or a MyGSI image. " +
				"A change to another image replaces the " + kind + "; the same image written differently does not.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"image_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Id of the image.",
			PlanModifiers:       tf.KeepString(),
		},
		"description": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Free text, at most 500 characters; with `deployment` set in the provider block, its mark counts among them. " +
				"Changed in place.",
			Validators: []validator.String{stringvalidator.UTF8LengthAtMost(ownership.MaxDescription)},
		},
		"public_ip": schema.StringAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Public address, one of the account's that is free. When not set, the lowest free one is chosen while applying. " +
				"A change replaces the " + kind + ".",
			PlanModifiers: tf.ReplaceString(),
			Validators:    []validator.String{tf.IPv4()},
		},
		"datacenter": schema.StringAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Datacenter, by name or id, for example `US-West-1`. Defaults to that of `public_ip`, else the provider's `datacenter`, else one that has the image. " +
				"A change replaces the " + kind + ".",
			PlanModifiers: tf.KeepString(),
		},
		"state": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "State that GoGrid shows, such as `On`, `Off` or `Updating`.",
			PlanModifiers:       tf.KeepString(),
		},
		"deployment": tf.DeploymentAttribute(kind),
		"os": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Operating system, decided by the image, for example `CentOS 6.2 (64-bit)`.",
			PlanModifiers:       tf.KeepString(),
		},
	}
}

// readyBlock asks for a sign of life beyond the state "On".
func readyBlock(kind string) schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What the " + kind + " must answer before it counts as created. GoGrid shows `On` some minutes before one can connect. " +
			"Without this block, `On` is enough.",
		Attributes: map[string]schema.Attribute{
			"tcp_port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Port on the public address that must accept a connection, for example `22` or `3389`.",
				Validators:          []validator.Int64{int64validator.Between(1, 65535)},
			},
			"http": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "URL that must answer with a status from 200 to 299. `{public_ip}` and `{private_ip}` stand for the " + kind + "'s addresses, " +
					"for example `http://{public_ip}:8080/health`. A redirect is followed where it stays on the host.",
				Validators: []validator.String{tf.HTTPURL()},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long to wait for it, as a duration. Defaults to `20m`; the time of `timeouts` bounds it as well.",
				Validators:          []validator.String{tf.PositiveDuration()},
			},
		},
	}
}

// machineIdentity identifies a server or sandbox by its public address: an
// address belongs to one server, and unlike the id it is known from the start.
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
