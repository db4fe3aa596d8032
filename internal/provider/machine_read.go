// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// readMachine refreshes a machine from the list that all resources share. An
// error never drops the state: only a list that was answered and does not
// have the machine does.
func (s *session) readMachine(ctx context.Context, m machine, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(req.State.Get(ctx, m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !s.known() {
		resp.Diagnostics.AddWarning("Not refreshed", s.unknownAttributes()+" The state is kept as it is.")
		resp.Diagnostics.Append(keepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
		return
	}
	if m.shared().PublicIP.IsNull() && m.shared().ID.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("public_ip"), &m.shared().PublicIP)...)
	}
	server, err := s.find(ctx, *m.shared())
	if err != nil {
		resp.Diagnostics.Append(failure("refresh the "+m.spec().kind(), err))
		return
	}
	if server == nil {
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(keepIdentity(ctx, resp, "public_ip", m.shared().PublicIP, m.shared().ID)...)
		return
	}
	resp.Diagnostics.Append(wrongKind(m.spec(), *server)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s.ledger.refresh(server.Addresses()...)
	before := m.clone()
	m.fill(*server)
	if !isPending(ctx, req.Private, &resp.Diagnostics) {
		resp.Diagnostics.Append(m.observe(ctx, s)...)
	}
	resp.Diagnostics.Append(saveRefreshed(ctx, &resp.State, before, m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), m.shared().PublicIP)...)
}

// find looks up the server that a state means; nil when there is none.
func (s *session) find(ctx context.Context, m machineModel) (*client.Server, error) {
	if id := serverID(m.ID); id != 0 {
		return s.client.Snapshot.Server(ctx, id)
	}
	server, err := s.client.Snapshot.ServerAt(ctx, m.PublicIP.ValueString())
	if server == nil || err != nil {
		return nil, err
	}
	if name := m.Name.ValueString(); name != "" && name != server.Name {
		return nil, nil
	}
	return server, nil
}

// wrongKind is the error about a sandbox that is managed as a server, or the
// other way round: an import of the wrong type.
func wrongKind(spec machineSpec, server client.Server) diag.Diagnostics {
	if spec.Sandbox == server.IsSandbox {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("This is no %s", spec.kind()),
		fmt.Sprintf("%s belongs to a gogrid_%s.", capitalised(describe(server)), machineSpec{Sandbox: server.IsSandbox}.kind()))}
}
