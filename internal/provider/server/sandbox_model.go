// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// sandboxModel is the model of gogrid_sandbox.
type sandboxModel struct{ machineModel }

var _ machineObject = (*sandboxModel)(nil)

func (m *sandboxModel) clone() machineObject {
	copied := *m
	return &copied
}

func (m *sandboxModel) spec() machine.Spec {
	spec := m.machineModel.spec()
	spec.Sandbox = true
	return spec
}

// matchesPrivateIP returns true, because the model of a sandbox has no private
// address.
func (m *sandboxModel) matchesPrivateIP(client.Server) bool { return true }

// reconcile edits the description, the only attribute of a sandbox that can
// change in place. It never switches a sandbox on or off, because saving an
// image may switch the sandbox off.
func (m *sandboxModel) reconcile(ctx context.Context, s *session.Session, _ machineObject, server client.Server) (*client.Server, bool, error) {
	description := s.ChangedDescription(m.Description, m.Deployment, server.Description)
	if description == nil {
		return &server, false, nil
	}
	current, err := machine.Edit(ctx, s, server, client.ServerEdit{Description: description})
	if err != nil {
		return current, false, fmt.Errorf("change %s: %w", machine.Describe(server), err)
	}
	return current, false, nil
}

func (m *sandboxModel) checkRelease(context.Context, *session.Session) diag.Diagnostics { return nil }

func (m *sandboxModel) pinFirstBoot(context.Context, *session.Session) error { return nil }

func (m *sandboxModel) enterRollout(context.Context, *session.Session, machineObject) (func(error), error) {
	return func(error) {}, nil
}

func (m *sandboxModel) refreshRelease(context.Context, *session.Session) diag.Diagnostics { return nil }

func (m *sandboxModel) removeFiles(context.Context, *session.Session) diag.Diagnostics { return nil }
