// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// machineObject is the model of a server or of a sandbox: both are servers on the
// grid and live the same life (plan, create, read, update, delete), which the
// machine_*.go files hold. What one has and the other has not is behind this
// interface.
type machineObject interface {
	// clone is a copy.
	clone() machineObject
	// shared is the part that both have.
	shared() *machineModel
	// spec is what the machine is to be made from.
	spec() machine.Spec
	// fill takes over what the grid shows.
	fill(server client.Server)
	// inputs are the attributes that a configuration may set, by name.
	inputs() map[string]types.String
	// addresses are those that the machine holds.
	addresses() []string
	// matchesPrivateIP reports whether a server has the private address of the
	// machine, or none if the machine has none.
	matchesPrivateIP(server client.Server) bool
	// options are the attributes that name an option and may be written in
	// several forms.
	options() []machine.Option
	// changes names the attributes that are to differ from the prior ones and
	// mean something on the grid; attributes that only the configuration has
	// are not among them.
	changes(prior machineObject) machine.Attributes
	// markComputedUnknown marks what the given changes will make different as unknown.
	markComputedUnknown(changes machine.Attributes)
	// markUnfinishedUnknown marks what an interrupted creation has left open as unknown.
	markUnfinishedUnknown()
	// copyConfigOnly takes over the attributes that only the configuration has.
	copyConfigOnly(plan machineObject)
	// reconcile carries out changes on an existing server and returns it as it is
	// then; started tells whether it has booted anew. Without a prior model
	// the server has just been made.
	reconcile(ctx context.Context, s *session.Session, prior machineObject, server client.Server) (current *client.Server, started bool, err error)

	// The others are about the release that a server runs; a sandbox runs none.

	// checkRelease finds at plan what would stop a deploy.
	checkRelease(ctx context.Context, s *session.Session) diag.Diagnostics
	// pinFirstBoot is called before a machine is made.
	pinFirstBoot(ctx context.Context, s *session.Session) error
	// enterRollout waits until a change may begin, and returns how it ends.
	enterRollout(ctx context.Context, s *session.Session, prior machineObject) (leave func(error), err error)
	// refreshRelease takes over what Cloud Storage tells of the machine.
	refreshRelease(ctx context.Context, s *session.Session) diag.Diagnostics
	// removeFiles is called once the machine is gone.
	removeFiles(ctx context.Context, s *session.Session) diag.Diagnostics
}

// machineModel is what servers and sandboxes have in common.
type machineModel struct {
	ID          types.String   `tfsdk:"id"`
	Name        types.String   `tfsdk:"name"`
	Image       types.String   `tfsdk:"image"`
	ImageID     types.String   `tfsdk:"image_id"`
	RAM         types.String   `tfsdk:"ram"`
	Description types.String   `tfsdk:"description"`
	PublicIP    types.String   `tfsdk:"public_ip"`
	Datacenter  types.String   `tfsdk:"datacenter"`
	State       types.String   `tfsdk:"state"`
	OS          types.String   `tfsdk:"os"`
	Deployment  types.String   `tfsdk:"deployment"`
	Ready       types.Object   `tfsdk:"ready"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

// readyModel is the ready block.
type readyModel struct {
	TCPPort types.Int64  `tfsdk:"tcp_port"`
	HTTP    types.String `tfsdk:"http"`
	Timeout types.String `tfsdk:"timeout"`
}

func (m *machineModel) shared() *machineModel { return m }

func (m *machineModel) inputs() map[string]types.String {
	return map[string]types.String{
		"name": m.Name, "image": m.Image, "description": m.Description, "public_ip": m.PublicIP, "datacenter": m.Datacenter,
	}
}

func (m *machineModel) addresses() []string {
	if !tf.IsSet(m.PublicIP) {
		return nil
	}
	return []string{m.PublicIP.ValueString()}
}

func (m *machineModel) options() []machine.Option {
	return []machine.Option{{Name: "datacenter", Lookup: client.LookupDatacenter, Value: &m.Datacenter}}
}

func (m *machineModel) spec() machine.Spec {
	return machine.Spec{
		Name:        m.Name.ValueString(),
		Image:       m.Image.ValueString(),
		Description: m.Description.ValueString(),
		PublicIP:    m.PublicIP.ValueString(),
		Datacenter:  m.Datacenter.ValueString(),
	}
}

func (m *machineModel) fill(server client.Server) {
	m.ID = tf.IDText(server.ID)
	m.Name = types.StringValue(server.Name)
	m.Image = session.KeepEquivalent(m.Image, client.Option{ID: server.Image.ID, Name: server.Image.Name})
	m.ImageID = tf.IDText(server.Image.ID)
	m.RAM = session.KeepEquivalent(m.RAM, server.RAM)
	m.Deployment = session.DeploymentOf(m.Description, server.Description)
	m.Description = machine.DescribedAs(m.Description, server.Description)
	m.PublicIP = types.StringValue(server.IP.Address)
	m.Datacenter = session.KeepEquivalent(m.Datacenter, server.Datacenter)
	m.State = types.StringValue(server.State.Name)
	m.OS = types.StringValue(server.OS.Name)
}

// changes compares the shared attributes.
func (m *machineModel) changes(prior machineObject) machine.Attributes {
	old := prior.shared()
	changed := machine.Attributes{}
	changed.AddIf("name", !m.Name.Equal(old.Name))
	changed.AddIf("image", !m.Image.Equal(old.Image))
	changed.AddIf("description", m.Description.ValueString() != old.Description.ValueString() || m.Description.IsUnknown())
	changed.AddIf("public_ip", !m.PublicIP.Equal(old.PublicIP))
	changed.AddIf("datacenter", !m.Datacenter.Equal(old.Datacenter))
	changed.AddIf("deployment", !m.Deployment.Equal(old.Deployment))
	return changed
}

func (m *machineModel) markComputedUnknown(machine.Attributes) { m.State = types.StringUnknown() }

func (m *machineModel) markUnfinishedUnknown() {
	m.State = types.StringUnknown()
	tf.OpenIfNull(&m.ID, &m.ImageID, &m.RAM, &m.Datacenter, &m.OS, &m.Deployment)
}

func (m *machineModel) copyConfigOnly(plan machineObject) {
	m.Description = plan.shared().Description // none and an empty one mean the same on the grid
	m.Ready = plan.shared().Ready
	m.Timeouts = plan.shared().Timeouts
}

// reference finds the server that a state means: by id, or by its address
// while there is none. The zero id stands for none.
func (m *machineModel) reference() client.Server {
	return client.Server{ID: tf.ServerID(m.ID), Name: m.Name.ValueString(), IP: client.IP{Address: m.PublicIP.ValueString()}}
}
