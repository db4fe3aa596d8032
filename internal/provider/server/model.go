// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Values of power_state.
const (
	powerOn  = "on"
	powerOff = "off"
)

// serverModel is the model of gogrid_server.
type serverModel struct {
	machineModel
	Type            types.String  `tfsdk:"type"`
	PrivateIP       types.String  `tfsdk:"private_ip"`
	PowerState      types.String  `tfsdk:"power_state"`
	Cores           types.Float64 `tfsdk:"cores"`
	DiskSizeMB      types.Int64   `tfsdk:"disk_size_mb"`
	Subnet          types.String  `tfsdk:"subnet"`
	RestartTriggers types.Map     `tfsdk:"restart_triggers"`
	RestartedAt     types.String  `tfsdk:"restarted_at"`
	Deploy          types.Object  `tfsdk:"deploy"`
}

var _ machineObject = (*serverModel)(nil)

func (m *serverModel) clone() machineObject {
	copied := *m
	return &copied
}

func (m *serverModel) spec() machine.Spec {
	spec := m.machineModel.spec()
	spec.RAM = m.RAM.ValueString()
	spec.Type = m.Type.ValueString()
	spec.PrivateIP = m.PrivateIP.ValueString()
	return spec
}

func (m *serverModel) addresses() []string {
	addresses := m.machineModel.addresses()
	if tf.IsSet(m.PrivateIP) {
		addresses = append(addresses, m.PrivateIP.ValueString())
	}
	return addresses
}

func (m *serverModel) matchesPrivateIP(server client.Server) bool {
	held := ""
	if server.PrivateIP != nil {
		held = server.PrivateIP.Address
	}
	return m.PrivateIP.ValueString() == held
}

func (m *serverModel) options() []machine.Option {
	return append(m.machineModel.options(),
		machine.Option{Name: "ram", Lookup: client.LookupServerRAM, Value: &m.RAM},
		machine.Option{Name: "type", Lookup: client.LookupServerType, Value: &m.Type})
}

func (m *serverModel) fill(server client.Server) {
	m.machineModel.fill(server)
	m.Type = session.KeepEquivalent(m.Type, server.Type)
	m.Subnet = session.CIDR(server.IP)
	m.PrivateIP = types.StringNull()
	if server.PrivateIP != nil {
		m.PrivateIP = types.StringValue(server.PrivateIP.Address)
	}
	m.Cores, m.DiskSizeMB = types.Float64Null(), types.Int64Null()
	if !server.Pending() {
		m.Cores = types.Float64Value(server.Cores)
		m.DiskSizeMB = types.Int64Value(server.DiskSizeMB)
		m.PowerState = powerState(m.PowerState, server.State)
	}
}

// powerState returns the power_state of a server that is on or off. For any
// other server state (Starting, Updating, ...) it returns prior, or "on" if
// prior is null or unknown.
func powerState(prior types.String, state client.Option) types.String {
	switch {
	case state.Matches(client.StateOn), state.Matches(client.StateOnSaving):
		return types.StringValue(powerOn)
	case state.Matches(client.StateOff), state.Matches(client.StateOffSaving):
		return types.StringValue(powerOff)
	case prior.IsNull() || prior.IsUnknown():
		return types.StringValue(powerOn)
	default:
		return prior
	}
}

func (m *serverModel) changes(prior machineObject) machine.Attributes {
	old := prior.(*serverModel)
	changed := m.machineModel.changes(prior)
	changed.AddIf("ram", !m.RAM.Equal(old.RAM))
	changed.AddIf("type", !m.Type.Equal(old.Type))
	changed.AddIf("private_ip", !m.PrivateIP.IsUnknown() && !m.PrivateIP.Equal(old.PrivateIP))
	changed.AddIf("power_state", !m.PowerState.Equal(old.PowerState))
	changed.AddIf("restart_triggers", m.triggersChanged(old) || m.triggersFirstSet(old))
	changed.AddIf("deploy", m.pinChanged(old))
	changed.AddIf("release", m.releaseReplaces(old))
	return changed
}

// triggersChanged reports whether a change of the restart triggers requires a
// restart. Triggers that are set for the first time, as after an import, do not
// require a restart.
func (m *serverModel) triggersChanged(old *serverModel) bool {
	return !old.RestartTriggers.IsNull() && !m.RestartTriggers.IsNull() && !m.RestartTriggers.Equal(old.RestartTriggers)
}

// triggersFirstSet reports whether the restart triggers are set for the first
// time. An update then records the newest restart, because a restart before the
// triggers were set does not count as a restart for these triggers.
func (m *serverModel) triggersFirstSet(old *serverModel) bool {
	return old.RestartTriggers.IsNull() && !m.RestartTriggers.IsNull()
}

func (m *serverModel) inputs() map[string]types.String {
	inputs := m.machineModel.inputs()
	inputs["ram"], inputs["type"], inputs["private_ip"] = m.RAM, m.Type, m.PrivateIP
	return inputs
}

func (m *serverModel) copyConfigOnly(plan machineObject) {
	m.machineModel.copyConfigOnly(plan)
	m.RestartTriggers = plan.(*serverModel).RestartTriggers
	m.Deploy = plan.(*serverModel).Deploy
}

func (m *serverModel) markUnfinishedUnknown() {
	m.machineModel.markUnfinishedUnknown()
	tf.UnknownIfNull(&m.Type, &m.Subnet)
	if m.Cores.IsNull() {
		m.Cores, m.DiskSizeMB = types.Float64Unknown(), types.Int64Unknown()
	}
}

func (m *serverModel) markComputedUnknown(changes machine.Attributes) {
	m.machineModel.markComputedUnknown(changes)
	if changes.Has("ram") {
		m.Cores = types.Float64Unknown()
	}
	if m.PrivateIP.IsUnknown() {
		m.PrivateIP = types.StringNull() // not configured: a configured address that is not known yet replaces the server
	}
	switch {
	case changes.Has("restart_triggers"), changes.Has("deploy") && !m.RestartTriggers.IsNull():
		m.RestartedAt = types.StringUnknown()
	case m.RestartedAt.IsUnknown():
		m.RestartedAt = types.StringNull() // the state records no restart, and the plan contains none
	}
}
