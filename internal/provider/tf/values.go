// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// IsSet reports whether a value is neither null nor unknown.
func IsSet(value interface {
	IsNull() bool
	IsUnknown() bool
},
) bool {
	return !value.IsNull() && !value.IsUnknown()
}

// UnknownIfNull sets values that are null to unknown.
func UnknownIfNull(values ...*types.String) {
	for _, value := range values {
		if value.IsNull() {
			*value = types.StringUnknown()
		}
	}
}

// ServerID parses an id as a state holds it. It returns 0 if the id is null,
// unknown or not a number.
func ServerID(id types.String) int64 {
	n, err := strconv.ParseInt(id.ValueString(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// IDText returns an id in the form that a state holds. It returns null for 0,
// which means that the object has no id yet.
func IDText(id int64) types.String {
	if id == 0 {
		return types.StringNull()
	}
	return types.StringValue(strconv.FormatInt(id, 10))
}

// KeepEmpty returns the state value of an optional string that the grid
// reports. The grid does not distinguish an empty string from an unset string.
// For an empty string, KeepEmpty returns the current value if that is "" or
// null, and otherwise null.
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

// ReadBlock decodes a block into the model that model points to. A null or
// unknown block leaves the model unchanged.
func ReadBlock(ctx context.Context, block types.Object, model any) diag.Diagnostics {
	if !IsSet(block) {
		return nil
	}
	return block.As(ctx, model, basetypes.ObjectAsOptions{})
}

// DurationOr returns the duration in a string value. It returns otherwise if
// the value is null, unknown or not a positive duration. Validators report
// invalid durations.
func DurationOr(value types.String, otherwise time.Duration) time.Duration {
	if d, err := ParseDuration(value.ValueString()); err == nil {
		return d
	}
	return otherwise
}

// NullIfEmpty returns a string as a state value. An empty string becomes null.
func NullIfEmpty(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// TimeText returns a time as a state value, in UTC and RFC 3339. It returns null
// for the zero time.
func TimeText(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// Strings returns the items of a list of strings. A null or unknown list has no
// items, and an unknown item becomes "".
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

// ReadDuration parses the duration of the attribute at a path, and reports whether
// there is a valid one. It appends an error for an invalid duration, because the
// duration may come from an environment variable, which no validator checks.
func ReadDuration(at path.Path, text string, diags *diag.Diagnostics) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	d, err := ParseDuration(text)
	if err != nil {
		diags.AddAttributeError(at, "Invalid "+at.String(), Sentence(err.Error()))
		return 0, false
	}
	return d, true
}
