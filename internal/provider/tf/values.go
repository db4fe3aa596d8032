// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// isSet tells whether an attribute has a value.
func isSet(value interface {
	IsNull() bool
	IsUnknown() bool
},
) bool {
	return !value.IsNull() && !value.IsUnknown()
}

// openIfNull marks values that are null as unknown.
func openIfNull(values ...*types.String) {
	for _, value := range values {
		if value.IsNull() {
			*value = types.StringUnknown()
		}
	}
}

// serverID parses the id of a state; 0 when there is none yet.
func serverID(id types.String) int64 {
	n, err := strconv.ParseInt(id.ValueString(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// idText is an id as a state holds it; null when there is none yet.
func idText(id int64) types.String {
	if id == 0 {
		return types.StringNull()
	}
	return types.StringValue(strconv.FormatInt(id, 10))
}

// keepEmpty is a text that the grid may have none of: an empty one is null,
// unless the user wrote an empty one.
func keepEmpty(value types.String, text string) types.String {
	switch {
	case text != "":
		return types.StringValue(text)
	case value.IsUnknown(), value.ValueString() != "":
		return types.StringNull()
	default:
		return value
	}
}

// readBlock reads a block into a model; one that is null or not known yet
// leaves it as it is.
func readBlock(ctx context.Context, block types.Object, model any) diag.Diagnostics {
	if !isSet(block) {
		return nil
	}
	return block.As(ctx, model, basetypes.ObjectAsOptions{})
}

// durationOr reads a duration that a validator has passed.
func durationOr(value types.String, otherwise time.Duration) time.Duration {
	if d, err := parsePositive(value.ValueString()); err == nil {
		return d
	}
	return otherwise
}

// nullIfEmpty is a text as a state holds it; null when there is none.
func nullIfEmpty(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// timeText is a time as a state holds it: RFC 3339, null when there is none.
func timeText(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// texts are the items of a list; one that is not known yet is empty.
func texts(ctx context.Context, list types.List) ([]string, diag.Diagnostics) {
	if !isSet(list) {
		return nil, nil
	}
	var values []types.String
	diags := list.ElementsAs(ctx, &values, false)
	items := make([]string, 0, len(values))
	for _, value := range values {
		items = append(items, value.ValueString())
	}
	return items, diags
}

// textOrNull is null for no text.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
