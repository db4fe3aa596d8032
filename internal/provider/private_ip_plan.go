// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// checkPrivateIP is what can be known of a claim before it is made.
func (s *session) checkPrivateIP(ctx context.Context, config privateIPModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if config.Datacenter.IsUnknown() || config.Address.IsUnknown() || config.Range.IsUnknown() {
		return diags
	}
	if isSet(config.Datacenter) {
		diags.Append(s.checkOption(ctx, "datacenter", client.LookupDatacenter, config.Datacenter.ValueString())...)
	}
	if diags.HasError() {
		return diags
	}
	request := s.privateRequest(config)
	if request.Address != "" {
		diags.Append(s.checkClaim(ctx, request)...)
		return diags
	}
	at := path.Root("address")
	if request.Range.IsValid() {
		at = path.Root("range")
	}
	diags.Append(s.checkEnough(ctx, at, request, "private_ip", "")...)
	return diags
}

// checkClaim finds an address that cannot be claimed: it is not the account's
// or another resource has it. A server that has it is no obstacle when this
// configuration knows the server: that is what the address is for.
func (s *session) checkClaim(ctx context.Context, request allocation.Request) diag.Diagnostics {
	diags := s.checkAddress(ctx, "address", machineSpec{}, request)
	holder := s.pool.Holder(request.Address)
	if diags.HasError() || holder == "" || holder == request.Holder || s.ledger.begun() {
		return diags
	}
	diags.Append(s.addressDiagnostic(ctx, path.Root("address"), &allocation.TakenError{Address: request.Address, Holder: holder}))
	return diags
}
