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
		MarkdownDescription: "RAM size. GoGrid gives every sandbox 2 GB.",
		PlanModifiers:       tf.KeepString(),
	}
	return schema.Schema{
		MarkdownDescription: "An image sandbox: the server that a MyGSI image is made on. Its RAM is fixed, and it is billed like any server from creation to deletion, " +
			"so delete it when its image has been saved.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"ready":    readyBlock("sandbox"),
			"timeouts": timeouts.Block(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
		},
	}
}
