// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// checkPrivateIP is what can be known of a claim before it is made.
func checkPrivateIP(ctx context.Context, s *session.Session, config privateIPModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if config.Datacenter.IsUnknown() || config.Address.IsUnknown() || config.Range.IsUnknown() {
		return diags
	}
	if tf.IsSet(config.Datacenter) {
		diags.Append(machine.CheckOption(ctx, s, path.Root("datacenter"), client.LookupDatacenter, config.Datacenter.ValueString())...)
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
	diags.Append(machine.CheckEnough(ctx, s, at, request, "private_ip", "")...)
	s.Ledger.Choose(request, config.Label.ValueString())
	diags.Append(checkMistakable(ctx, s)...)
	return diags
}

// checkExistingClaim looks at an address that the configuration keeps already.
func checkExistingClaim(ctx context.Context, s *session.Session, address, label string) diag.Diagnostics {
	var diags diag.Diagnostics
	if !s.Known() {
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
	s.Ledger.KeepIdle(address, label)
	return checkMistakable(ctx, s)
}

// checkMistakable finds a plan after which an address would be given out
// twice. An apply shows a provider what it creates and changes, and not what
// stays as it is. So an address that is kept from an earlier apply, and that no
// server has, looks free to it.
func checkMistakable(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		diags.Append(tf.Failure("list the account's addresses", err))
		return diags
	}
	if s.Destroys || s.Storage.Set && s.Deployment == "" {
		return diags // the lease of the kept claim keeps others away
	}
	address := s.Ledger.Mistakable(ips, s.Storage.Set)
	if address == "" || s.Ledger.Begun() || !s.Ledger.Once("mistakable") {
		return diags
	}
	if s.Storage.Set {
		diags.AddAttributeError(path.Root("label"), "An address might be given out twice",
			fmt.Sprintf("This configuration keeps %s, which no server has, and has a new gogrid_private_ip with the same label. An apply takes over a lease of the deployment that an interrupted apply left under a label, "+
				"and cannot distinguish that from the lease of %s. Give each gogrid_private_ip a label of its own, for example the name of its server.", address, address))
		return diags
	}
	diags.AddAttributeError(path.Root("address"), "An address might be given out twice",
		fmt.Sprintf("This configuration keeps %s, which no server has, and has a new gogrid_private_ip choose an address from the same place. GoGrid has no call to reserve an address, "+
			"and an apply is not shown what stays as it is: it would take %s for a free one. Either set address on the new one, or a range that %s is not in; "+
			"or give the kept address to a server, or remove it, in an apply of its own (with -target).", address, address, address))
	return diags
}

// claimedTwice warns that two resources of the configuration have one address:
// an apply is not shown what earlier ones have claimed, and until a server has
// the address the grid does not know either.
func claimedTwice(address string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Address %s is claimed twice", address),
		"Two gogrid_private_ip of this configuration have it. An address that was claimed in an earlier apply and that no server has taken since cannot be seen by a later one. "+
			"Replace one of the two with -replace, once a server has taken the address for the other, or give each a range or an address of its own.")
}

// checkClaim finds an address that cannot be claimed: it is not the account's
// or another resource has it. A server that has it is no obstacle when this
// configuration knows the server: that is what the address is for.
func checkClaim(ctx context.Context, s *session.Session, request allocation.Request) diag.Diagnostics {
	diags := machine.CheckAddress(ctx, s, path.Root("address"), request)
	holder := s.Pool.Holder(request.Address)
	if diags.HasError() || holder == "" || holder == request.Holder || s.Ledger.Begun() {
		return diags
	}
	diags.Append(machine.AddressDiagnostic(ctx, s, path.Root("address"), &allocation.TakenError{Address: request.Address, Holder: holder}))
	return diags
}
