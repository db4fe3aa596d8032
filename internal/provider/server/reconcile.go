// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// reconcile makes an existing server match the configuration. It returns the
// changed server, and reports whether the server may have booted. prior is nil
// for a server that was just created.
func (m *serverModel) reconcile(ctx context.Context, s *session.Session, prior machineObject, server client.Server) (*client.Server, bool, error) {
	old, _ := prior.(*serverModel)

	// Edit RAM, type and description.
	current, err := m.reconcileValues(ctx, s, server)
	if err != nil {
		return current, false, fmt.Errorf("change %s: %w", machine.Describe(server), err)
	}

	// Switch the power.
	current, started, err := m.reconcilePower(ctx, s, *current)
	if err != nil {
		return current, false, fmt.Errorf("switch %s %s: %w", machine.Describe(server), m.PowerState.ValueString(), err)
	}

	// Make the server run the configured release, which may restart the server.
	// Without a deploy block, this only removes the pin that an earlier block left.
	current, reloaded, err := m.reconcileRelease(ctx, s, old, *current, started)
	if err != nil {
		return current, false, err
	}

	// Without a change of the restart triggers, update only restarted_at.
	if old == nil || !m.triggersChanged(old) {
		if m.RestartedAt.IsUnknown() && old != nil && (m.releaseChanged(old) || m.triggersFirstSet(old)) {
			return current, started || reloaded, m.recordRestart(ctx, s, *current)
		}
		m.keepRestartedAt(old)
		return current, started || reloaded, nil
	}

	// Restart for the triggers, and wait until the server is healthy.
	restarted, err := m.restart(ctx, s, old, *current, started)
	if err != nil {
		return current, false, fmt.Errorf("restart %s: %w", machine.Describe(server), err)
	}
	return restarted, true, m.awaitHealth(ctx, s, *restarted)
}

// keepRestartedAt keeps the prior value of restarted_at if the plan left it
// unknown.
func (m *serverModel) keepRestartedAt(old *serverModel) {
	if m.RestartedAt.IsUnknown() {
		m.RestartedAt = types.StringNull()
		if old != nil {
			m.RestartedAt = old.RestartedAt
		}
	}
}

// reconcileValues changes RAM, type and description with one API call. It makes no
// call if none of them differs.
func (m *serverModel) reconcileValues(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	var edit client.ServerEdit
	if ram := m.RAM.ValueString(); !server.RAM.Matches(ram) {
		ram = machine.SentOption(ctx, s, client.LookupServerRAM, ram)
		edit.RAM = &ram
	}
	if kind := m.Type.ValueString(); kind != "" && !server.Type.Matches(kind) {
		kind = machine.SentOption(ctx, s, client.LookupServerType, kind)
		edit.Type = &kind
	}
	edit.Description = s.ChangedDescription(m.Description, m.Deployment, server.Description)
	if edit == (client.ServerEdit{}) {
		return &server, nil
	}
	return machine.Edit(ctx, s, server, edit)
}

// reconcilePower switches a server on or off. It reports whether it has started
// the server.
func (m *serverModel) reconcilePower(ctx context.Context, s *session.Session, server client.Server) (*client.Server, bool, error) {
	on := server.State.Matches(client.StateOn)
	switch m.PowerState.ValueString() {
	case powerOff:
		if !on {
			return &server, false, nil
		}
		current, err := machine.SwitchPower(ctx, s, server, client.PowerOff)
		return current, false, err
	default:
		if on {
			return &server, false, nil
		}
		if err := m.pinNextBoot(ctx, s); err != nil {
			return nil, false, err
		}
		current, err := machine.SwitchPower(ctx, s, server, client.PowerOn)
		return current, true, err
	}
}

// restart restarts a server because its triggers have changed. It does nothing if
// the server is planned to be off or was just started.
//
// It does not restart a server that was restarted through the API since
// restarted_at. An apply that was killed after the restart leaves the old triggers
// in the state, and only the grid's jobs show that the restart happened.
func (m *serverModel) restart(ctx context.Context, s *session.Session, old *serverModel, server client.Server, started bool) (*client.Server, error) {
	if m.PowerState.ValueString() == powerOff || started {
		m.keepRestartedAt(old)
		return &server, nil
	}
	last, err := machine.LastRestart(ctx, s, server)
	if err != nil {
		return nil, err
	}
	current := &server
	if !machine.RestartedSince(last, old.RestartedAt) {
		if current, err = machine.RestartOnce(ctx, s, server, machine.JobID(last)); err != nil {
			return nil, err
		}
	}
	return current, m.recordRestart(ctx, s, server)
}

// recordRestart stores the time of the newest restart in restarted_at. After a
// later change of the triggers, the server is restarted unless the API has
// restarted it since that time.
func (m *serverModel) recordRestart(ctx context.Context, s *session.Session, server client.Server) error {
	last, err := machine.LastRestart(ctx, s, server)
	if err != nil {
		return err
	}
	m.RestartedAt = types.StringNull()
	if last != nil {
		m.RestartedAt = types.StringValue(last.CreatedOn.UTC().Format(time.RFC3339Nano))
	}
	return nil
}
