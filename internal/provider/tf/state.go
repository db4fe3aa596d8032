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

// SaveStarted writes a model into the state of an object that has only been
// asked for: what the plan knows stays as planned, since Terraform takes
// nothing else from a creation that may yet be cut short, and the rest is what
// the grid has told so far. The next refresh shows where they differ.
func SaveStarted(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, model any) diag.Diagnostics {
	diags := SaveKnown(ctx, state, model)
	if diags.HasError() {
		return diags
	}
	var planned, told map[string]tftypes.Value
	if err := errors.Join(plan.Raw.As(&planned), state.Raw.As(&told)); err != nil {
		diags.Append(Failure("save what is known to the state", err))
		return diags
	}
	for name, value := range planned {
		if value.IsFullyKnown() {
			told[name] = value
		}
	}
	state.Raw = tftypes.NewValue(state.Raw.Type(), told)
	return diags
}

// SaveKnown writes a model whole into the state, with everything that is not
// known yet as null: Terraform takes no unknown values into a state, and an
// object that is not in the state is one that nobody will delete.
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

// pendingKey is where private state says that a creation was interrupted
// before it had finished. The next plan then asks for an update that goes on.
const pendingKey = "pending"

// PrivateReader and PrivateWriter are what the framework's private state
// offers; its own type cannot be named outside the framework.
type PrivateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateWriter writes to the private state of a resource.
type PrivateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// IsPending reports whether private state records an interrupted creation.
func IsPending(ctx context.Context, private PrivateReader, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, pendingKey)
	diags.Append(more...)
	return len(value) > 0
}

// SetPending records in private state that a creation has not finished.
func SetPending(ctx context.Context, private PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, pendingKey, []byte(`true`))
}

// ClearPending removes the marker; an empty value removes a key.
func ClearPending(ctx context.Context, private PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, pendingKey, nil)
}

// unreadyKey is where private state says that an update ended before its server
// was ready. The next plan then asks for an update that waits for it.
const unreadyKey = "unready"

// IsUnready reports whether private state records an update that ended before its
// server was ready.
func IsUnready(ctx context.Context, private PrivateReader, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, unreadyKey)
	diags.Append(more...)
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

// IsUnfinished reports whether an apply has left something to wait for.
func IsUnfinished(ctx context.Context, private PrivateReader, diags *diag.Diagnostics) bool {
	return IsPending(ctx, private, diags) || IsUnready(ctx, private, diags)
}

// Unanswered is the warning about a creation whose outcome GoGrid did not
// report. GoGrid has not refused the creation, so the next apply waits for the
// object. It is a warning for the same reason as interrupted.
func Unanswered(what string, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not known whether "+what+" is finished",
		Sentence(err.Error())+"\n\nGoGrid accepted it and has not refused it since. It is recorded in the state: the next apply goes on waiting for it; nothing is made twice. "+
			"It may be billed already.")
}

// Interrupted is the warning of a creation that was cut short by a cancel: a
// warning and not an error, because Terraform marks an object that was created
// with an error for replacement, and this one only needs to be waited for.
func Interrupted(what string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while creating "+what,
		"It exists on the grid and is recorded in the state. The next apply goes on waiting for it; nothing is made twice.")
}

// RawString reads an attribute of an undecoded object; empty when it has no such
// attribute or no value for it.
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

// SaveRefreshed writes a refreshed model into the state. Decoding and encoding
// a state costs far more than comparing models, so a refresh that found nothing
// new leaves the state as it is.
func SaveRefreshed(ctx context.Context, state *tfsdk.State, before, now any) diag.Diagnostics {
	if sameValues(before, now) {
		return nil
	}
	return state.Set(ctx, now)
}

// sameValues tells whether two models of one type have the same values.
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

// Unchanged tells whether a plan asks for nothing. Most resources of a large
// configuration are so at any time, which is why it is told without decoding
// them.
func Unchanged(req resource.ModifyPlanRequest) bool {
	return !req.State.Raw.IsNull() && req.Plan.Raw.Equal(req.State.Raw)
}
