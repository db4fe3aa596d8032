// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// IsSet tells whether an attribute has a value.
func IsSet(value interface {
	IsNull() bool
	IsUnknown() bool
},
) bool {
	return !value.IsNull() && !value.IsUnknown()
}

// OpenIfNull marks values that are null as unknown.
func OpenIfNull(values ...*types.String) {
	for _, value := range values {
		if value.IsNull() {
			*value = types.StringUnknown()
		}
	}
}

// ServerID parses the id of a state; 0 when there is none yet.
func ServerID(id types.String) int64 {
	n, err := strconv.ParseInt(id.ValueString(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// IDText is an id as a state holds it; null when there is none yet.
func IDText(id int64) types.String {
	if id == 0 {
		return types.StringNull()
	}
	return types.StringValue(strconv.FormatInt(id, 10))
}

// KeepEmpty is a text that the grid may have none of: an empty one is null,
// unless the user wrote an empty one.
func KeepEmpty(value types.String, text string) types.String {
	switch {
	case text != "":
		return types.StringValue(text)
	case value.IsUnknown(), value.ValueString() != "":
		return types.StringNull()
	default:
		return value
	}
}

// ReadBlock reads a block into a model; one that is null or not known yet
// leaves it as it is.
func ReadBlock(ctx context.Context, block types.Object, model any) diag.Diagnostics {
	if !IsSet(block) {
		return nil
	}
	return block.As(ctx, model, basetypes.ObjectAsOptions{})
}

// DurationOr returns the duration that a text holds. It returns otherwise if the
// text is null, unknown or not a positive duration; validators report the latter.
func DurationOr(value types.String, otherwise time.Duration) time.Duration {
	if d, err := ParseDuration(value.ValueString()); err == nil {
		return d
	}
	return otherwise
}

// NullIfEmpty returns a text as a state value. An empty text becomes null.
func NullIfEmpty(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// TimeText is a time as a state holds it: RFC 3339, null when there is none.
func TimeText(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// Strings are the items of a list; one that is not known yet is empty.
func Strings(ctx context.Context, list types.List) ([]string, diag.Diagnostics) {
	if !IsSet(list) {
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
