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

// machineObject is the model of a server or a sandbox. Both are servers on the
// grid, so the functions in machine_*.go plan, create, read, update and delete
// both. The methods hide the differences.
type machineObject interface {
	// clone returns a copy of the model.
	clone() machineObject
	// shared returns the attributes that servers and sandboxes have in common.
	shared() *machineModel
	// spec returns the values that the machine is created from.
	spec() machine.Spec
	// fill sets the attributes to the values that the grid shows.
	fill(server client.Server)
	// inputs returns the attributes that a configuration may set, by name.
	inputs() map[string]types.String
	// addresses returns the known addresses of the machine.
	addresses() []string
	// matchesPrivateIP reports whether a server has the private address of the
	// model. It also returns true if neither has a private address.
	matchesPrivateIP(server client.Server) bool
	// options returns the attributes whose values name GoGrid options, by id or
	// by name.
	options() []machine.Option
	// changes returns the attributes that differ from prior and exist on the
	// grid. It leaves out attributes that exist only in the configuration.
	changes(prior machineObject) machine.Attributes
	// markComputedUnknown marks as unknown the computed attributes that the changes
	// affect.
	markComputedUnknown(changes machine.Attributes)
	// forecast sets the unknown attributes of a new machine whose values the plan has
	// looked up.
	forecast(known machine.Forecast)
	// keepForecast copies planned values that GoGrid may report differently. It must be
	// called after fill, at the end of an apply.
	keepForecast(planned machineObject)
	// markUnfinishedUnknown marks as unknown the attributes that an interrupted
	// create has not set.
	markUnfinishedUnknown()
	// copyConfigOnly copies the attributes that exist only in the
	// configuration.
	copyConfigOnly(plan machineObject)
	// reconcile makes an existing server match the model, and returns the
	// changed server. started is true if the server may have booted. prior is
	// nil if the server was just created.
	reconcile(ctx context.Context, s *session.Session, prior machineObject, server client.Server) (current *client.Server, started bool, err error)

	// The methods below manage the release of a server. They do nothing for a sandbox.
	// Without a deploy block, pinFirstBoot, enterRollout, removeFiles and checkRelease
	// do nothing, and refreshRelease only warns about a failed boot.

	// checkRelease reports, at plan time, problems that would make a deploy
	// fail.
	checkRelease(ctx context.Context, s *session.Session) diag.Diagnostics
	// pinFirstBoot pins the release that the first boot loads. It must be called
	// before the machine is created.
	pinFirstBoot(ctx context.Context, s *session.Session) error
	// enterRollout waits until the rollout of the machine's group admits the
	// change. The caller must call leave with the error of the change, or nil.
	enterRollout(ctx context.Context, s *session.Session, prior machineObject) (leave func(error), err error)
	// refreshRelease reads the running release from Cloud Storage.
	refreshRelease(ctx context.Context, s *session.Session) diag.Diagnostics
	// removeFiles removes the machine's files from Cloud Storage. It must be called
	// after the machine is gone.
	removeFiles(ctx context.Context, s *session.Session) diag.Diagnostics
}

// machineModel holds the attributes that servers and sandboxes have in common.
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

// changes returns the changed attributes that servers and sandboxes share.
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
	tf.UnknownIfNull(&m.ID, &m.ImageID, &m.RAM, &m.Datacenter, &m.OS, &m.Deployment)
}

func (m *machineModel) copyConfigOnly(plan machineObject) {
	m.Description = plan.shared().Description // null and "" mean the same on the grid
	m.Ready = plan.shared().Ready
	m.Timeouts = plan.shared().Timeouts
}

// reference returns the id, name and public address of the server that a state
// describes. The id is 0 until GoGrid has assigned one.
func (m *machineModel) reference() client.Server {
	return client.Server{ID: tf.ServerID(m.ID), Name: m.Name.ValueString(), IP: client.IP{Address: m.PublicIP.ValueString()}}
}
