// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// parsePositive parses a duration greater than zero.
func parsePositive(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration greater than zero; write it with units, such as \"500ms\", \"10s\" or \"1h30m\"", text)
	}
	return d, nil
}

// positiveDuration accepts what time.ParseDuration does, greater than zero.
type positiveDuration struct{}

func (positiveDuration) Description(context.Context) string {
	return "must be a duration greater than zero, such as \"10s\""
}

func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (positiveDuration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parsePositive(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", sentence(err.Error()))
	}
}
