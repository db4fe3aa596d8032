// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// idNumber accepts an id as GoGrid gives them: a positive number.
type idNumber struct{}

func (idNumber) Description(context.Context) string { return "must be an id, a number such as 700123" }

func (v idNumber) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (idNumber) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || digits(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid id", fmt.Sprintf("%q is no id: ids are numbers such as 700123.", req.ConfigValue.ValueString()))
}

// digits tells whether a text is a positive number as ids are.
func digits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}
