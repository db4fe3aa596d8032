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

// keepIfDeleting keeps the state unchanged and returns true if GoGrid is
// deleting, or may be deleting, a refreshed server. It returns false for a
// server that is already Off in the state, because that server was stopped, not
// deleted.
func keepIfDeleting(ctx context.Context, s *session.Session, m machineObject, server client.Server, resp *resource.ReadResponse) bool {
	if m.shared().State.ValueString() == client.StateOff {
		return false
	}
	job, err := machine.DeletionOf(ctx, s, server)
	switch {
	case err != nil:
		keepState(ctx, s, m, resp, tf.Diagnostic(machine.NotRefreshed(machine.Describe(server), fmt.Errorf("the server is Off, and the list of jobs that would show whether it is being deleted cannot be read: %w", err))))
	case job != nil && m.shared().Name.IsNull():
		resp.Diagnostics.Append(tf.Diagnostic(machine.NoImport(server, *job)))
	case job != nil:
		keepState(ctx, s, m, resp, tf.Diagnostic(machine.BeingDeleted(server, *job)))
	}
	return err != nil || job != nil
}

// findServer returns the server that a state describes. It returns nil only if
// the server is proven to be gone. The error is a [*machine.StrangerError] or a
// [*machine.OtherAccountError] if the object on the grid is not the object that
// the state describes. It satisfies [client.IsUnproven] if GoGrid's answers
// prove neither.
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

// contradictsState reports whether a listed server differs from the state in a
// value that GoGrid cannot change, in its tag, or in a value that a list may leave
// out. A single wrong answer must not replace or change a server, so the caller
// confirms such a difference with a direct lookup.
func contradictsState(m machineObject, server client.Server) bool {
	known := m.shared()
	switch {
	case isOtherServer(known, server), server.IsSandbox != m.spec().Sandbox:
		return true
	case !tf.IsSet(known.ImageID): // an import, or an interrupted create
		return false
	}
	return !tf.IDText(server.Image.ID).Equal(known.ImageID) ||
		tf.IsSet(known.Datacenter) && !server.Datacenter.Matches(known.Datacenter.ValueString()) ||
		!m.matchesPrivateIP(server) ||
		known.Description.ValueString() != "" && server.Description == "" ||
		tf.IsSet(known.Deployment) && ownership.Of(server.Description).Deployment != known.Deployment.ValueString()
}

// isOtherServer reports whether a server is not the server of a state. GoGrid
// never changes the name or the public address of a server.
func isOtherServer(known *machineModel, server client.Server) bool {
	return tf.IsSet(known.Name) && known.Name.ValueString() != server.Name ||
		tf.IsSet(known.PublicIP) && known.PublicIP.ValueString() != server.IP.Address
}

// confirm looks up by id a listed server that contradicts the state. It returns
// the same errors as findServer.
func confirm(ctx context.Context, s *session.Session, m machineObject, server client.Server) (*client.Server, error) {
	known := m.shared()
	if server.Pending() {
		return &server, nil // the server has no id, so its name and address have identified it
	}
	fresh, err := s.Client.Snapshot.FreshServer(ctx, server.ID)
	switch {
	case err != nil:
		return nil, err
	case fresh == nil:
		return nil, &client.UnprovenError{Object: machine.Describe(server), Reason: errors.New("a list shows the server, but a lookup by id reports that it does not exist")}
	case isOtherServer(known, *fresh):
		return nil, &machine.StrangerError{State: machine.Describe(known.reference()), Found: machine.Describe(*fresh)}
	default:
		return fresh, nil
	}
}

// findOwnedServer returns the server that a state describes, or an error if
// this deployment may not change or delete the server. Otherwise it returns the
// same results as findServer.
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

// checkOwnedServer returns an error at plan time if the server that the plan
// changes or deletes is not the server of the state, or belongs to another
// deployment. It ignores other errors, because the apply looks the server up again.
// action names the change for messages, such as "delete server".
func checkOwnedServer(ctx context.Context, s *session.Session, action string, m machineObject) diag.Diagnostics {
	if !s.Configured() {
		return nil
	}
	if _, err := findOwnedServer(ctx, s, m); machine.IsForeign(err) {
		return diag.Diagnostics{tf.Diagnostic(machine.ForeignProblem(action, err))}
	}
	return nil
}
