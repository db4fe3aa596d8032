// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
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
		MarkdownDescription: "RAM size: `512MB`, `1GB`, `2GB`, `4GB`, `8GB`, `16GB` or `24GB`. A bare number is refused if GoGrid would read it as the id of another size. Must be at least the image's minimum, " +
			"and at most `2GB` for a 32-bit image. Updated in place.",
	}
	attributes["type"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Server type, by name or id: `Web Server` or `Database Server`. Defaults to the type of the image. Updated in place.",
		PlanModifiers:       tf.KeepString(),
	}
	attributes["private_ip"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "Private address, usually from `gogrid_private_ip`. Must be a free private address of the account. " +
			"GoGrid only records the address and does not configure the network adapter of the guest. Changing this replaces the server.",
		PlanModifiers: tf.ReplaceString(),
		Validators:    []validator.String{tf.IPv4()},
	}
	attributes["power_state"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		Default:  stringdefault.StaticString(powerOn),
		MarkdownDescription: "Power state of the server: `on` or `off`. " + tf.DefaultText(powerOn) + " GoGrid also bills a server while it is off. " +
			"Switching off works like the power button: the guest is not shut down first. Updated in place.",
		Validators: []validator.String{tf.OneOf(powerOn, powerOff)},
	}
	attributes["restart_triggers"] = schema.MapAttribute{
		ElementType: types.StringType,
		Optional:    true,
		MarkdownDescription: "Arbitrary values that restart the server in place when they change. Setting them for the first time, such as after an import, does not restart the server. " +
			"A restart switches the power off and on; the guest is not shut down first. The server is not restarted again if the API has restarted it since `restarted_at`, " +
			"so an apply that follows a killed apply does not repeat the restart.",
	}
	attributes["restarted_at"] = schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Time of the newest restart through the API, in RFC 3339, according to the grid's clock. Recorded when `restart_triggers` are set or changed, " +
			"or when `deploy` changes while `restart_triggers` are set; null if no restart was recorded.",
		PlanModifiers: tf.KeepString(),
	}
	attributes["cores"] = schema.Float64Attribute{
		Computed:            true,
		MarkdownDescription: "Number of CPU cores. Depends on `ram`.",
		PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseNonNullStateForUnknown()},
	}
	attributes["disk_size_mb"] = schema.Int64Attribute{
		Computed:            true,
		MarkdownDescription: "Disk size in megabytes. Depends on the RAM size that the server was created with.",
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
	}
	attributes["subnet"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Block of the public address, in CIDR notation.",
		PlanModifiers:       tf.KeepString(),
	}
	return schema.Schema{
		MarkdownDescription: "A server that is created from a base image or a MyGSI image. GoGrid bills it from creation to deletion, even while it is off.",
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"deploy":   rollout.Block(),
			"ready":    readyBlock("server"),
			"timeouts": timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
		},
	}
}
