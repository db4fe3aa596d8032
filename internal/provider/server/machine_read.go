// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// readMachine refreshes a machine from the list that all resources share. Only
// the proof that a machine is gone drops its state.
func readMachine(ctx context.Context, s *session.Session, m machineObject, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !s.Known() {
		resp.Diagnostics.AddWarning("Not refreshed", s.UnknownAttributes()+" The state is kept as it is.")
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
		return
	}
	if m.shared().PublicIP.IsNull() && m.shared().ID.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("public_ip"), &m.shared().PublicIP)...)
	}
	server, err := findServer(ctx, s, m)
	switch {
	case client.IsUnproven(err):
		keepState(ctx, s, m, resp, machine.NotRefreshed(machine.Describe(m.shared().reference()), err))
		return
	case machine.IsForeign(err):
		resp.Diagnostics.Append(machine.ForeignDiagnostic("refresh the "+m.spec().Kind(), err))
		return
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("refresh the "+m.spec().Kind(), err))
		return
	case server == nil:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
		return
	}
	resp.Diagnostics.Append(wrongKind(m.spec(), *server)...)
	if resp.Diagnostics.HasError() || keepIfDeleting(ctx, s, m, *server, resp) {
		return
	}
	s.Ledger.Refresh(server.Addresses()...)
	before := m.clone()
	taken := machine.CheckOwner(s, machine.Describe(*server), m.shared().Deployment, server.Description)
	m.fill(*server)
	if taken != nil {
		m.shared().Deployment = before.shared().Deployment
		resp.Diagnostics.Append(machine.KeepRecorded(taken))
	}
	if !tf.IsPending(ctx, req.Private, &resp.Diagnostics) {
		resp.Diagnostics.Append(m.refreshRelease(ctx, s)...)
	}
	resp.Diagnostics.Append(tf.SaveRefreshed(ctx, &resp.State, before, m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), m.shared().PublicIP)...)
}

// keepState keeps the state of a machine unchanged and adds a warning with the
// reason.
func keepState(ctx context.Context, s *session.Session, m machineObject, resp *resource.ReadResponse, why diag.Diagnostic) {
	s.Ledger.Refresh(m.addresses()...)
	resp.Diagnostics.Append(why)
	resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
}

// wrongKind is the error about a sandbox that is managed as a server, or the
// other way round: an import of the wrong type.
func wrongKind(spec machine.Spec, server client.Server) diag.Diagnostics {
	if spec.Sandbox == server.IsSandbox {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("This is no %s", spec.Kind()),
		fmt.Sprintf("%s belongs to a gogrid_%s.", tf.Capitalised(machine.Describe(server)), machine.Spec{Sandbox: server.IsSandbox}.Kind()))}
}
