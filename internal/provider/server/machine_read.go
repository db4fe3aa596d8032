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

// readMachine refreshes a machine from the list of servers that all resources
// share. It removes the machine from the state only if the machine is proven to be
// gone.
func readMachine(ctx context.Context, s *session.Session, m machineObject, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !s.Configured() {
		resp.Diagnostics.Append(tf.NotRefreshed(s.UnknownAttributes()))
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
		return
	}
	// An import by identity has only the address.
	if m.shared().PublicIP.IsNull() && m.shared().ID.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("public_ip"), &m.shared().PublicIP)...)
	}

	// Find the server. Keep the state if the answer does not prove whether the
	// server exists.
	server, err := findServer(ctx, s, m)
	switch {
	case client.IsUnproven(err):
		keepState(ctx, s, m, resp, tf.Diagnostic(machine.NotRefreshed(machine.Describe(m.shared().reference()), err)))
		return
	case machine.IsForeign(err):
		resp.Diagnostics.Append(tf.Diagnostic(machine.ForeignProblem("refresh the "+m.spec().Kind(), err)))
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
	s.Refreshed(server.Addresses()...)

	// Take the grid's values, but keep the recorded deployment if another
	// deployment has tagged the server.
	before := m.clone()
	ownerErr := machine.CheckOwner(s, machine.Describe(*server), m.shared().Deployment, server.Description)
	m.fill(*server)
	if ownerErr != nil {
		m.shared().Deployment = before.shared().Deployment
		resp.Diagnostics.Append(tf.Diagnostic(machine.KeepRecorded(ownerErr)))
	}

	// Read the running release. A machine that is still being created runs no
	// release.
	if !tf.IsPending(ctx, req.Private, &resp.Diagnostics) {
		resp.Diagnostics.Append(m.refreshRelease(ctx, s)...)
	}
	resp.Diagnostics.Append(tf.SaveRefreshed(ctx, &resp.State, before, m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), m.shared().PublicIP)...)
}

// keepState keeps the state of a machine unchanged and reports the reason.
func keepState(ctx context.Context, s *session.Session, m machineObject, resp *resource.ReadResponse, reason diag.Diagnostic) {
	s.Refreshed(m.addresses()...)
	resp.Diagnostics.Append(reason)
	resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
}

// wrongKind returns an error if a sandbox is managed as a server, or a server
// as a sandbox. This happens after an import into the wrong resource type.
func wrongKind(spec machine.Spec, server client.Server) diag.Diagnostics {
	if spec.Sandbox == server.IsSandbox {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("Not a %s", spec.Kind()),
		fmt.Sprintf("%s must be managed by a gogrid_%s resource.", tf.Capitalised(machine.Describe(server)), machine.Spec{Sandbox: server.IsSandbox}.Kind()))}
}
