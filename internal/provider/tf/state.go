// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"errors"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// SaveStarted writes a model into the state of an object whose creation is not
// finished. Attributes that the plan knows keep their planned values, because
// Terraform accepts only these if the creation is interrupted. The other
// attributes come from the model, with null for unknown values. The next
// refresh shows any difference between plan and grid.
func SaveStarted(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, model any) diag.Diagnostics {
	diags := SaveKnown(ctx, state, model)
	if diags.HasError() {
		return diags
	}
	var planned, saved map[string]tftypes.Value
	if err := errors.Join(plan.Raw.As(&planned), state.Raw.As(&saved)); err != nil {
		diags.Append(Failure("save what is known to the state", err))
		return diags
	}
	for name, value := range planned {
		if value.IsFullyKnown() {
			saved[name] = value
		}
	}
	state.Raw = tftypes.NewValue(state.Raw.Type(), saved)
	return diags
}

// SaveKnown writes a whole model into the state, with null for unknown values,
// which Terraform does not accept in a state. Callers use it also for an
// incomplete object, because Terraform can delete only objects that are in the
// state.
func SaveKnown(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
	diags := state.Set(ctx, model)
	if diags.HasError() {
		return diags
	}
	raw, err := tftypes.Transform(state.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}
		return tftypes.NewValue(value.Type(), nil), nil
	})
	if err != nil {
		diags.Append(Failure("save what is known to the state", err))
		return diags
	}
	state.Raw = raw
	return diags
}

// pendingKey is the private state key that records an interrupted creation. The
// next plan then contains an update that completes the creation.
const pendingKey = "pending"

// PrivateReader reads the private state of a resource. The framework's own type
// is in an internal package and cannot be named here.
type PrivateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateWriter writes the private state of a resource.
type PrivateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// IsPending reports whether private state records an interrupted creation. It
// appends the framework's diagnostics to diags.
func IsPending(ctx context.Context, private PrivateReader, diags *diag.Diagnostics) bool {
	value, readDiags := private.GetKey(ctx, pendingKey)
	diags.Append(readDiags...)
	return len(value) > 0
}

// SetPending records in private state that a creation is not finished.
func SetPending(ctx context.Context, private PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, pendingKey, []byte(`true`))
}

// ClearPending removes the record that SetPending made. A nil value removes a
// key from private state.
func ClearPending(ctx context.Context, private PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, pendingKey, nil)
}

// unreadyKey is the private state key that records an update which ended before
// its server was ready. The next plan then contains an update that waits for the
// server.
const unreadyKey = "unready"

// IsUnready reports whether private state records an update that ended before
// its server was ready. It appends the framework's diagnostics to diags.
func IsUnready(ctx context.Context, private PrivateReader, diags *diag.Diagnostics) bool {
	value, readDiags := private.GetKey(ctx, unreadyKey)
	diags.Append(readDiags...)
	return len(value) > 0
}

// SetUnready records in private state that a server was not ready when its update
// ended.
func SetUnready(ctx context.Context, private PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, unreadyKey, []byte(`true`))
}

// ClearUnready removes the record that SetUnready made.
func ClearUnready(ctx context.Context, private PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, unreadyKey, nil)
}

// IsUnfinished reports whether private state records an interrupted creation or
// a server that was not ready. In both cases the next update must wait for the
// object.
func IsUnfinished(ctx context.Context, private PrivateReader, diags *diag.Diagnostics) bool {
	return IsPending(ctx, private, diags) || IsUnready(ctx, private, diags)
}

// Unanswered returns the warning about a creation whose outcome GoGrid did not
// report. GoGrid has not refused the creation, so the next apply waits for the
// object. Unanswered returns a warning instead of an error for the same reason
// as Interrupted.
func Unanswered(what string, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not known whether "+what+" is finished",
		Sentence(err.Error())+"\n\nGoGrid accepted it and has not refused it since. It is recorded in the state: the next apply continues to wait for it, and nothing is created twice. "+
			"It may be billed already.")
}

// Interrupted returns the warning about a creation that the user cancelled. It
// does not return an error, because Terraform taints an object whose creation
// returns an error. This object needs no replacement: the next apply only has
// to wait for it.
func Interrupted(what string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while creating "+what,
		"It exists on the grid and is recorded in the state. The next apply continues to wait for it, and nothing is created twice.")
}

// RawString returns a string attribute of an undecoded object. It returns "" if
// the attribute is missing, null, unknown or not a string.
func RawString(object tftypes.Value, attribute string) string {
	var (
		attributes map[string]tftypes.Value
		value      string
	)
	if object.As(&attributes) != nil || attributes[attribute].IsNull() || attributes[attribute].As(&value) != nil {
		return ""
	}
	return value
}

// SaveRefreshed writes the model current into the state if current differs from
// the model before. Comparing two models is far cheaper than encoding a state.
// Both must be pointers to models of the same type.
func SaveRefreshed(ctx context.Context, state *tfsdk.State, before, current any) diag.Diagnostics {
	if sameValues(before, current) {
		return nil
	}
	return state.Set(ctx, current)
}

// sameValues reports whether two models of the same type have the same values.
func sameValues(a, b any) bool {
	return sameFields(reflect.Indirect(reflect.ValueOf(a)), reflect.Indirect(reflect.ValueOf(b)))
}

func sameFields(a, b reflect.Value) bool {
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		if a.Type().Field(i).Anonymous {
			if !sameFields(x, y) {
				return false
			}
			continue
		}
		if value, ok := x.Interface().(attr.Value); !ok || !value.Equal(y.Interface().(attr.Value)) {
			return false
		}
	}
	return true
}

// Unchanged reports whether a plan does not change a resource. It compares the
// raw values, without decoding them, because most resources of a large
// configuration are unchanged in any plan.
func Unchanged(req resource.ModifyPlanRequest) bool {
	return !req.State.Raw.IsNull() && req.Plan.Raw.Equal(req.State.Raw)
}
