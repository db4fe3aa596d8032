// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// saveStarted writes a model into the state of an object that has only been
// asked for: what the plan knows stays as planned, since Terraform takes
// nothing else from a creation that may yet be cut short, and the rest is what
// the grid has told so far. The next refresh shows where they differ.
func saveStarted(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, model any) diag.Diagnostics {
	diags := saveKnown(ctx, state, model)
	if diags.HasError() {
		return diags
	}
	var planned, told map[string]tftypes.Value
	if err := errors.Join(plan.Raw.As(&planned), state.Raw.As(&told)); err != nil {
		diags.Append(failure("save what is known to the state", err))
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

// saveKnown writes a model whole into the state, with everything that is not
// known yet as null: Terraform takes no unknown values into a state, and an
// object that is not in the state is one that nobody will delete.
func saveKnown(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
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
		diags.Append(failure("save what is known to the state", err))
		return diags
	}
	state.Raw = raw
	return diags
}

// pendingKey is where private state says that a creation was interrupted
// before it had finished. The next plan then asks for an update that goes on.
const pendingKey = "pending"

// privateReader and privateWriter are what the framework's private state
// offers; its own type cannot be named outside the framework.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func isPending(ctx context.Context, private privateReader, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, pendingKey)
	diags.Append(more...)
	return len(value) > 0
}

func setPending(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, pendingKey, []byte(`true`))
}

// clearPending removes the marker; an empty value removes a key.
func clearPending(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, pendingKey, nil)
}

// interrupted is the warning of a creation that was cut short by a cancel: a
// warning and not an error, because Terraform marks an object that was created
// with an error for replacement, and this one only needs to be waited for.
func interrupted(what string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while creating "+what,
		"It exists on the grid and is recorded in the state. The next apply goes on waiting for it; nothing is made twice.")
}
