// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// hasDeploy tells whether the server is to run a release.
func (m *serverModel) hasDeploy() bool { return !m.Deploy.IsNull() }

// deployTarget is the server as a deploy knows it.
func deployTarget(server client.Server) deploy.Server {
	known := deploy.Server{Name: server.Name, Address: server.IP.Address}
	if server.PrivateIP != nil {
		known.Private = server.PrivateIP.Address
	}
	return known
}

// releaseChanged tells whether the release is to be another one than before. A block
// that is new, as after an import, may ask for what runs already, and so may one
// whose server was to load its release at its next boot and is to be restarted
// now: the deploy will see.
func (m *serverModel) releaseChanged(old *serverModel) bool {
	if !m.hasDeploy() {
		return false
	}
	current, before := rollout.ModelOf(m.Deploy), rollout.ModelOf(old.Deploy)
	catchesUp := before.Effect() == rollout.OnChangeNone && current.Effect() == rollout.OnChangeRestart
	return m.Deploy.IsUnknown() || !current.Release.Equal(before.Release) || catchesUp
}

// pinChanged tells whether the server's pin is to be another one.
func (m *serverModel) pinChanged(old *serverModel) bool {
	if m.releaseChanged(old) || m.hasDeploy() != old.hasDeploy() {
		return true
	}
	current, before := rollout.ModelOf(m.Deploy).Spec(), rollout.ModelOf(old.Deploy).Spec()
	return current.Channel != before.Channel || current.Group != before.Group
}

// releaseReplaces tells whether a new release replaces the server.
func (m *serverModel) releaseReplaces(old *serverModel) bool {
	before := rollout.ModelOf(old.Deploy)
	return m.releaseChanged(old) && !before.Release.IsNull() && rollout.ModelOf(m.Deploy).Effect() == rollout.OnChangeReplace
}

// pinFirstBoot pins the release of a server that is about to be made, so that its
// first boot loads it. One that is there already, because an apply was killed,
// has been announced; one that is to be replaced by it, under the same name, has
// not.
func (m *serverModel) pinFirstBoot(ctx context.Context, s *session.Session) error {
	if !m.hasDeploy() {
		return nil
	}
	found, err := machine.FindOrphans(ctx, s, m.spec())
	if err != nil || found.Best != nil {
		return err
	}
	return m.pinNextBoot(ctx, s)
}

// serversNamed are the servers of a name: names need not be unique.
func serversNamed(ctx context.Context, s *session.Session, name string) ([]client.Server, error) {
	servers, err := s.Client.Snapshot.Servers(ctx)
	return slices.DeleteFunc(slices.Clone(servers), func(server client.Server) bool { return server.Name != name }), err
}

// pinNextBoot is announce for a server that is about to be switched on.
func (m *serverModel) pinNextBoot(ctx context.Context, s *session.Session) error {
	if !m.hasDeploy() {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return d.Announce(ctx, m.Name.ValueString(), rollout.ModelOf(m.Deploy).Spec())
}

// enterRollout waits until the server may be restarted without too many of its group
// being away, and returns how it leaves.
func (m *serverModel) enterRollout(ctx context.Context, s *session.Session, prior machineObject) (leave func(error), err error) {
	old := prior.(*serverModel)
	model := rollout.ModelOf(m.Deploy)
	restarts := m.triggersChanged(old) || m.releaseChanged(old) && model.Effect() == rollout.OnChangeRestart
	if !m.hasDeploy() || !restarts || m.PowerState.ValueString() == powerOff {
		return func(error) {}, nil
	}
	if old.PowerState.ValueString() == powerOff {
		current, err := findServer(ctx, s, old)
		if err != nil || current == nil || current.State.Matches(client.StateOff) {
			return func(error) {}, err
		}
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return nil, err
	}
	return d.Enter(ctx, deployTarget(prior.shared().reference()), rollout.SpecOf(s, model))
}

// reconcileRelease has the server run the release that it is to run, and tells
// whether it has restarted it for that. Whoever has it restarted has waited for
// its turn.
func (m *serverModel) reconcileRelease(ctx context.Context, s *session.Session, old *serverModel, server client.Server, started bool) (*client.Server, bool, error) {
	if !m.hasDeploy() {
		return &server, false, m.unpin(ctx, s, old)
	}
	off := !server.State.Matches(client.StateOn)
	if old != nil && !started && !off && !m.pinChanged(old) {
		return &server, false, nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return nil, false, err
	}
	model := rollout.ModelOf(m.Deploy)
	restarts := old == nil || started || m.releaseChanged(old) && model.Effect() == rollout.OnChangeRestart
	if off || !restarts {
		return &server, false, d.Pin(ctx, deployTarget(server), rollout.SpecOf(s, model), off)
	}
	var restarted *client.Server
	err = machine.WhileThere(ctx, s, server, func(ctx context.Context) error {
		return d.Converge(ctx, deployTarget(server), rollout.SpecOf(s, model), func(ctx context.Context, last string) (err error) {
			restarted, err = machine.RestartOnce(ctx, s, server, last)
			return err
		})
	})
	if restarted == nil {
		return &server, false, err
	}
	return restarted, true, err
}

// awaitHealth waits until a server that was restarted for another reason than
// its release is healthy again.
func (m *serverModel) awaitHealth(ctx context.Context, s *session.Session, server client.Server) error {
	if !m.hasDeploy() {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return machine.WhileThere(ctx, s, server, func(ctx context.Context) error {
		return d.AwaitHealthy(ctx, deployTarget(server), rollout.SpecOf(s, rollout.ModelOf(m.Deploy)))
	})
}

// unpin has a server follow its channel again, after the block is gone.
func (m *serverModel) unpin(ctx context.Context, s *session.Session, old *serverModel) error {
	if old == nil || !old.hasDeploy() || !s.Storage.Set {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return d.Unpin(ctx, m.Name.ValueString())
}

// refreshRelease records the release that the server reports. Without a deploy block
// it warns about a problem that the server reports. With a deploy block, it
// warns if Cloud Storage is down: a plan must not need Cloud Storage.
func (m *serverModel) refreshRelease(ctx context.Context, s *session.Session) diag.Diagnostics {
	if m.Deploy.IsNull() {
		return rollout.BootProblem(ctx, s, m.Name.ValueString())
	}
	model := rollout.ModelOf(m.Deploy)
	nextBoot := model.Effect() == rollout.OnChangeNone || m.PowerState.ValueString() == powerOff // for its next boot
	if !tf.IsSet(m.Deploy) || nextBoot || !s.Storage.Set || len(s.StorageUnknown()) > 0 {
		return nil
	}
	running, err := runningRelease(ctx, s, m.Name.ValueString(), model.Release)
	if err != nil {
		s.Ledger.Once(storageChecked)
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(rollout.Path(), "Not known which releases servers run",
			tf.Sentence(err.Error())+" The state is kept as it is.")}
	}
	if !running.Equal(model.Release) {
		m.Deploy = rollout.WithRelease(ctx, m.Deploy, running)
	}
	return nil
}

// runningRelease is the release that a server runs by its own account; the one of the
// state as long as it has told nothing. It is not known, and null, while its
// turn is open, and after a turn that ended without a word: whichever release
// is wanted then, the next apply has to see to it. Else a release that is taken
// back would look like no change, and stay in the server's pin.
func runningRelease(ctx context.Context, s *session.Session, server string, known types.String) (types.String, error) {
	found, err := rollout.ReportOf(ctx, s, server)
	if err != nil {
		return known, err
	}
	status := found.Status
	reportsOther := status.Started != "" && !known.IsNull() && status.Release != known.ValueString()
	loaded := slices.Contains([]string{"", status.Release, known.ValueString()}, found.Pinned)
	switch {
	case found.UnderWay, !reportsOther && !loaded:
		return types.StringNull(), nil
	case status.Started == "":
		return known, nil
	default:
		return tf.TextOrNull(status.Release), nil
	}
}

// removeFiles removes what is on Cloud Storage of a server that is gone, unless
// another one has its name by now.
func (m *serverModel) removeFiles(ctx context.Context, s *session.Session) diag.Diagnostics {
	if !m.hasDeploy() || !s.Storage.Set {
		return nil
	}
	name := m.Name.ValueString()
	if others, err := serversNamed(ctx, s, name); err == nil && slices.ContainsFunc(others, func(server client.Server) bool {
		return server.IP.Address != m.PublicIP.ValueString()
	}) {
		return nil
	}
	if err := rollout.WithDeployer(ctx, s, func(d *deploy.Deployer) error { return d.RemoveFiles(ctx, name) }); err != nil {
		return diag.Diagnostics{diag.NewWarningDiagnostic("Left files of the server on Cloud Storage",
			tf.Sentence(err.Error())+" The server is gone. Its pin and its status stay there; a new server of that name replaces them.")}
	}
	return nil
}

// storageChecked is what the ledger calls the check whether Cloud Storage can be
// used: one server's says it for all.
const storageChecked = "deploys on Cloud Storage"

// checkRelease finds at plan what would stop a deploy.
func (m *serverModel) checkRelease(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.hasDeploy() {
		return diags
	}
	block := path.Root("deploy")
	if !s.Storage.Set {
		diags.AddAttributeError(block, "No Cloud Storage to deploy from", tf.Sentence(session.ErrNoCloudStorage.Error())+" Servers load releases from there, and tell there which one they run.")
		return diags
	}
	if !m.Name.IsUnknown() {
		if err := rollout.CheckServerFile(m.Name.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("name"), "No name for a server with a release", tf.Sentence(err.Error())+
				" With a deploy block the name is also that of the server's files on Cloud Storage.")
		}
	}
	if len(s.StorageUnknown()) > 0 || s.Ledger.Begun() || !s.Ledger.Once(storageChecked) {
		return diags
	}
	return append(diags, rollout.CheckShare(ctx, s, block)...)
}
