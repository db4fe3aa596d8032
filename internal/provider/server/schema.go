// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

func serverSchema(ctx context.Context) schema.Schema {
	attributes := machineAttributes("server")
	attributes["ram"] = schema.StringAttribute{
		Required: true,
		MarkdownDescription: "RAM size, by name or id: `512MB`, `1GB`, `2GB`, `4GB`, `8GB`, `16GB` or `24GB`. It must not be less than the image's minimum, " +
			"and not more than `2GB` for a 32-bit image. Changed in place.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["type"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Type, by name or id: `Web Server` or `Database Server`. Defaults to the image's. Changed in place.",
		PlanModifiers:       tf.KeepString(),
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["private_ip"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "Private address, one of the account's that is free, usually from `gogrid_private_ip`. GoGrid records it; the guest's adapter is not configured by it. " +
			"A change replaces the server.",
		PlanModifiers: tf.ReplaceString(),
		Validators:    []validator.String{tf.IPv4()},
	}
	attributes["power_state"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(powerOn),
		MarkdownDescription: "Whether the server is to be `on` (the default) or `off`. A server that is off is billed as one that is on. Switching off is hard, as by the power button.",
		Validators:          []validator.String{stringvalidator.OneOf(powerOn, powerOff)},
	}
	attributes["restart_triggers"] = schema.MapAttribute{
		ElementType: types.StringType,
		Optional:    true,
		MarkdownDescription: "Any texts; a change to them restarts the server in place. Setting them for the first time, as after an import, restarts nothing. " +
			"A restart is hard: power off, then on. A change counts as carried out when the server has been restarted through the API since `restarted_at`, " +
			"by whomever: that is how an apply that follows a killed one knows.",
	}
	attributes["restarted_at"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Time on the grid's clock of the newest restart through the API when `restart_triggers` were set or changed, or with them `deploy`, RFC 3339.",
		PlanModifiers:       tf.KeepString(),
	}
	attributes["cores"] = schema.Float64Attribute{
		Computed:            true,
		MarkdownDescription: "Number of cores; follows the RAM.",
		PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseNonNullStateForUnknown()},
	}
	attributes["disk_size_mb"] = schema.Int64Attribute{
		Computed:            true,
		MarkdownDescription: "Size of the disk in megabytes; follows the RAM that the server was created with.",
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
	}
	attributes["subnet"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Block that the public address is in, in CIDR notation.",
		PlanModifiers:       tf.KeepString(),
	}
	return schema.Schema{
		MarkdownDescription: "A server: a running machine, made from a base image or a MyGSI image. It is billed from creation to deletion, on or off.",
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"deploy":   rollout.Block(),
			"ready":    readyBlock("server"),
			"timeouts": timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
		},
	}
}
