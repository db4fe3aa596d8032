// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// ComputedResult returns a computed string attribute of a data source.
func ComputedResult(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}
