// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// checkPrivateIP reports problems of a new claim at plan time. It checks nothing if
// the datacenter, the address or the range is unknown.
func checkPrivateIP(ctx context.Context, s *session.Session, config privateIPModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if config.Datacenter.IsUnknown() || config.Address.IsUnknown() || config.Range.IsUnknown() {
		return diags
	}
	if tf.IsSet(config.Datacenter) {
		diags.Append(tf.Diagnostics(machine.CheckOption(ctx, s, path.Root("datacenter"), client.LookupDatacenter, config.Datacenter.ValueString()))...)
	}
	if diags.HasError() {
		return diags
	}
	request := privateRequest(s, config)
	if request.Address != "" {
		diags.Append(checkClaim(ctx, s, request)...)
		return diags
	}
	at := path.Root("address")
	if request.Range.IsValid() {
		at = path.Root("range")
	}
	diags.Append(tf.Diagnostics(machine.CheckEnough(ctx, s, at, request, "private_ip", ""))...)
	s.Planned.AddRequest(request, config.Label.ValueString())
	diags.Append(checkGivenOutTwice(ctx, s)...)
	return diags
}

// forecast sets the attributes of a new claim that follow from its address. It sets
// nothing if the address is unknown or does not belong to the account; checkPrivateIP
// reports the latter.
func (m *privateIPModel) forecast(ctx context.Context, s *session.Session) {
	if !tf.IsSet(m.Address) || !s.Configured() || s.Destroys {
		return
	}
	ip, err := s.Client.Snapshot.IPAt(ctx, m.Address.ValueString())
	if err != nil || ip == nil {
		return
	}
	m.fill(*ip)
	m.Assigned = types.BoolUnknown() // a server of the same apply may get the address
}

// checkExistingClaim records the address of a kept claim in the session if no
// server has the address. It returns the errors of checkGivenOutTwice.
func checkExistingClaim(ctx context.Context, s *session.Session, address, label string) diag.Diagnostics {
	var diags diag.Diagnostics
	if !s.Configured() {
		return diags
	}
	ip, err := s.Client.Snapshot.IPAt(ctx, address)
	if err != nil {
		diags.Append(tf.Failure("list the account's addresses", err))
		return diags
	}
	if ip == nil || ip.Assigned() {
		return diags
	}
	s.Planned.KeepIdleAddress(address, label)
	return checkGivenOutTwice(ctx, s)
}

// checkGivenOutTwice returns an error if the apply could give out an address
// twice. During an apply, Terraform calls the provider only for resources that
// it creates or changes. If no server has the address of a kept claim, the
// address therefore looks free to the apply.
func checkGivenOutTwice(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		diags.Append(tf.Failure("list the account's addresses", err))
		return diags
	}
	if s.Destroys || s.Storage.Set && s.Deployment == "" {
		return diags // the lease of the kept claim protects its address
	}
	address := s.Planned.FirstIdleMatch(ips, s.Storage.Set)
	if address == "" || s.Phase.IsApply() || !s.Phase.FirstTime("mistakable") {
		return diags
	}
	if s.Storage.Set {
		diags.AddAttributeError(path.Root("label"), "An address might be given out twice",
			fmt.Sprintf("This configuration keeps %s, which no server has, and has a new gogrid_private_ip with the same label. The apply would mistake the lease of %s for a lease that an interrupted apply left under that label. "+
				"Give each gogrid_private_ip a different label, for example the name of its server.", address, address))
		return diags
	}
	diags.AddAttributeError(path.Root("address"), "An address might be given out twice",
		fmt.Sprintf("This configuration keeps %s, which no server has, and a new gogrid_private_ip chooses from the same addresses. GoGrid cannot reserve an address, "+
			"and Terraform does not show the provider resources that do not change, so the apply would mistake %s for a free address. "+
			"Either set address on the new gogrid_private_ip, or set a range that does not contain %s. "+
			"Or give the kept address to a server, or remove it, in a separate apply with -target.", address, address, address))
	return diags
}

// claimedTwice returns the warning that two resources of the configuration have the
// same address. An apply does not know the claims of earlier applies, and the grid
// does not show a claim until a server has the address.
func claimedTwice(address string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Address %s is claimed twice", address),
		"Two gogrid_private_ip resources of this configuration have this address. A later apply cannot see the claim of an earlier apply until a server has the address. "+
			"Once a server uses the address of one gogrid_private_ip, replace the other gogrid_private_ip with -replace. Or give each a different range or address.")
}

// checkClaim returns an error if the requested address does not belong to the
// account or another resource has it. The address may belong to a server that
// this configuration manages.
func checkClaim(ctx context.Context, s *session.Session, request allocation.Request) diag.Diagnostics {
	diags := tf.Diagnostics(machine.CheckAddress(ctx, s, path.Root("address"), request))
	holder := s.Pool.Holder(request.Address)
	if diags.HasError() || holder == "" || holder == request.Holder || s.Phase.IsApply() {
		return diags
	}
	diags.Append(tf.Diagnostic(machine.AddressProblem(ctx, s, path.Root("address"), &allocation.TakenError{Address: request.Address, Holder: holder})))
	return diags
}
