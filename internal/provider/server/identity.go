// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// keepIfDeleting reports whether a refreshed server is or may be in deletion. If
// so, it keeps the state unchanged. A server that is already Off in the state
// was stopped before, and is not checked.
func keepIfDeleting(ctx context.Context, s *session.Session, m machineObject, server client.Server, resp *resource.ReadResponse) bool {
	if m.shared().State.ValueString() == client.StateOff {
		return false
	}
	job, err := machine.DeletionOf(ctx, s, server)
	switch {
	case err != nil:
		keepState(ctx, s, m, resp, machine.NotRefreshed(machine.Describe(server), fmt.Errorf("the server is Off, and no list of jobs shows whether it is being deleted: %w", err)))
	case job != nil && m.shared().Name.IsNull():
		resp.Diagnostics.Append(machine.NoImport(server, *job))
	case job != nil:
		keepState(ctx, s, m, resp, machine.BeingDeleted(server, *job))
	}
	return err != nil || job != nil
}

// findServer returns the server that a state describes. It returns nil only if it is
// proven that the server is gone. The error is a *strangerError or an
// *otherAccountError if the grid has something else than the state describes,
// and satisfies [client.IsUnproven] if the answers prove neither.
func findServer(ctx context.Context, s *session.Session, m machineObject) (*client.Server, error) {
	known := m.shared()
	var server *client.Server
	var err error
	if id := tf.ServerID(known.ID); id != 0 {
		server, err = s.Client.Snapshot.Server(ctx, id)
	} else {
		server, err = s.Client.Snapshot.AddedServer(ctx, known.Name.ValueString(), known.PublicIP.ValueString())
	}
	switch {
	case err != nil:
		return nil, err
	case server == nil:
		return nil, machine.CheckAccount(ctx, s, machine.Describe(known.reference()), known.PublicIP.ValueString())
	case contradictsState(m, *server):
		return confirm(ctx, s, m, *server)
	default:
		return server, nil
	}
}

// contradictsState reports whether a server differs from the state in a value that
// GoGrid cannot change, in its tag, or in a value that its row may leave out.
// One wrong answer must not replace or change a server, so a direct look
// confirms such a difference before it counts.
func contradictsState(m machineObject, server client.Server) bool {
	known := m.shared()
	switch {
	case isOtherServer(known, server), server.IsSandbox != m.spec().Sandbox:
		return true
	case !tf.IsSet(known.ImageID): // an import, or a creation that was cut short
		return false
	}
	return !tf.IDText(server.Image.ID).Equal(known.ImageID) ||
		tf.IsSet(known.Datacenter) && !server.Datacenter.Matches(known.Datacenter.ValueString()) ||
		!m.matchesPrivateIP(server) ||
		known.Description.ValueString() != "" && server.Description == "" ||
		tf.IsSet(known.Deployment) && ownership.Of(server.Description).Deployment != known.Deployment.ValueString()
}

// isOtherServer reports whether a server is another server than a state
// describes: GoGrid changes neither names nor addresses.
func isOtherServer(known *machineModel, server client.Server) bool {
	return tf.IsSet(known.Name) && known.Name.ValueString() != server.Name ||
		tf.IsSet(known.PublicIP) && known.PublicIP.ValueString() != server.IP.Address
}

// confirm looks directly at a server that differs from the state.
func confirm(ctx context.Context, s *session.Session, m machineObject, server client.Server) (*client.Server, error) {
	known := m.shared()
	if server.Pending() {
		return &server, nil // it was found by name and address
	}
	fresh, err := s.Client.Snapshot.FreshServer(ctx, server.ID)
	switch {
	case err != nil:
		return nil, err
	case fresh == nil:
		return nil, &client.UnprovenError{Object: machine.Describe(server), Reason: errors.New("a list shows it, and a direct look says that it does not exist")}
	case isOtherServer(known, *fresh):
		return nil, &machine.StrangerError{State: machine.Describe(known.reference()), Found: machine.Describe(*fresh)}
	default:
		return fresh, nil
	}
}

// findOwnedServer returns the server that a state describes if it may be changed or
// deleted. It combines find and checkOwner.
func findOwnedServer(ctx context.Context, s *session.Session, m machineObject) (*client.Server, error) {
	server, err := findServer(ctx, s, m)
	if err != nil || server == nil {
		return nil, err
	}
	if err := machine.CheckOwner(s, machine.Describe(*server), m.shared().Deployment, server.Description); err != nil {
		return nil, err
	}
	return server, nil
}

// checkOwnedServer checks at plan time an object that the plan changes or deletes.
// The apply decides what the answers leave open.
func checkOwnedServer(ctx context.Context, s *session.Session, tried string, m machineObject) diag.Diagnostics {
	if !s.Known() {
		return nil
	}
	if _, err := findOwnedServer(ctx, s, m); machine.IsForeign(err) {
		return diag.Diagnostics{machine.ForeignDiagnostic(tried, err)}
	}
	return nil
}
