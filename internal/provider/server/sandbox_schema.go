// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

func sandboxSchema(ctx context.Context) schema.Schema {
	attributes := machineAttributes("sandbox")
	attributes["ram"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "RAM size. Every sandbox has 2 GB.",
		PlanModifiers:       tf.KeepString(),
	}
	return schema.Schema{
		MarkdownDescription: "An image sandbox: a server whose disk can be saved as a MyGSI image. GoGrid bills it like any server from creation to deletion, " +
			"so delete it after its image has been saved.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"ready":    readyBlock("sandbox"),
			"timeouts": timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
		},
	}
}
