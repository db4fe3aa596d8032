// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// sandboxKey is where private state has the public address of a sandbox that
// an unfinished build has left. What must survive a killed provider is in the
// sandbox's mark; this is for who sets no deployment, and for deletions.
const sandboxKey = "sandbox"

func (b *imageBuild) noteSandbox(ctx context.Context, private privateWriter) diag.Diagnostics {
	if b.own == nil || b.sandbox == nil {
		return nil
	}
	address, err := json.Marshal(b.sandbox.IP.Address)
	if err != nil {
		return diag.Diagnostics{failure("note the sandbox in the private state", err)}
	}
	return private.SetKey(ctx, sandboxKey, address)
}

// forgetSandbox removes the note; an empty value removes a key.
func forgetSandbox(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, sandboxKey, nil)
}

// notedSandbox is the sandbox that an unfinished build has left, nil when
// there is none any more. Addresses are used again, so the name has to be the
// build's as well, and the sandbox not one that this process goes on with.
func (s *session) notedSandbox(ctx context.Context, m *myGSIImageModel, private privateReader) (*client.Server, diag.Diagnostics) {
	noted, diags := private.GetKey(ctx, sandboxKey)
	if len(noted) == 0 || diags.HasError() {
		return nil, diags
	}
	var address string
	if err := json.Unmarshal(noted, &address); err != nil {
		diags.Append(failure("read the note about the sandbox in the private state", err))
		return nil, diags
	}
	spec, more := m.buildSpec(ctx)
	diags.Append(more...)
	found, err := s.client.Snapshot.ServerAt(ctx, address)
	if err != nil {
		diags.Append(failure("look for "+spec.String(), err))
		return nil, diags
	}
	if found == nil || !found.IsSandbox || found.Name != spec.Name || s.ledger.hasAdopted(spec.kind(), address) {
		return nil, diags
	}
	return found, diags
}
