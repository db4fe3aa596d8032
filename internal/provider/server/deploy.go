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

// hasDeploy reports whether the server has a deploy block.
func (m *serverModel) hasDeploy() bool { return !m.Deploy.IsNull() }

// deployTarget converts a server for package deploy.
func deployTarget(server client.Server) deploy.Server {
	target := deploy.Server{Name: server.Name, Address: server.IP.Address}
	if server.PrivateIP != nil {
		target.Private = server.PrivateIP.Address
	}
	return target
}

// releaseChanged reports whether the plan asks for a different release. It also
// returns true for a new deploy block, as after an import, and if on_change changes
// from none to restart. In these cases the server may already run the release; the
// deploy then does not restart it.
func (m *serverModel) releaseChanged(old *serverModel) bool {
	if !m.hasDeploy() {
		return false
	}
	planned, before := rollout.ModelOf(m.Deploy), rollout.ModelOf(old.Deploy)
	catchesUp := before.Effect() == rollout.OnChangeNone && planned.Effect() == rollout.OnChangeRestart
	return m.Deploy.IsUnknown() || !planned.Release.Equal(before.Release) || catchesUp
}

// pinChanged reports whether the plan changes the server's pin.
func (m *serverModel) pinChanged(old *serverModel) bool {
	if m.releaseChanged(old) || m.hasDeploy() != old.hasDeploy() {
		return true
	}
	planned, before := rollout.ModelOf(m.Deploy).Spec(), rollout.ModelOf(old.Deploy).Spec()
	return planned.Channel != before.Channel || planned.Group != before.Group
}

// releaseReplaces reports whether a new release replaces the server.
func (m *serverModel) releaseReplaces(old *serverModel) bool {
	before := rollout.ModelOf(old.Deploy)
	return m.releaseChanged(old) && !before.Release.IsNull() && rollout.ModelOf(m.Deploy).Effect() == rollout.OnChangeReplace
}

// pinFirstBoot pins the release of a server before the server is created, so that
// its first boot loads the release. It does nothing if machine.Create will adopt a
// server that a killed apply left, because that apply wrote the pin. A server of
// the same name that this apply replaces is not adopted.
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

// serversNamed returns all servers with a name. Names need not be unique.
func serversNamed(ctx context.Context, s *session.Session, name string) ([]client.Server, error) {
	servers, err := s.Client.Snapshot.Servers(ctx)
	return slices.DeleteFunc(slices.Clone(servers), func(server client.Server) bool { return server.Name != name }), err
}

// pinNextBoot pins the release of a server that is about to be switched on.
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

// enterRollout waits until at most max_unavailable servers of the group are
// unavailable during a restart of this server. It returns at once if the plan does
// not restart the server. The caller must call leave with the result of the
// restart.
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
			return func(error) {}, err // a server that is off is already unavailable, so it need not wait for the group
		}
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return nil, err
	}
	return d.Enter(ctx, deployTarget(prior.shared().reference()), rollout.SpecOf(s, model))
}

// reconcileRelease makes the server run its release, or only pins the release if
// the server is off or on_change does not restart it. It reports whether it has
// restarted the server. An update must call enterRollout first.
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
	converges := old == nil || started || m.releaseChanged(old) && model.Effect() == rollout.OnChangeRestart
	if off || !converges {
		return &server, false, d.Pin(ctx, deployTarget(server), rollout.SpecOf(s, model), off)
	}
	var restarted *client.Server
	err = machine.WhileExists(ctx, s, server, func(ctx context.Context) error {
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

// awaitHealth waits until a server is healthy after a change of its
// restart_triggers has restarted it.
func (m *serverModel) awaitHealth(ctx context.Context, s *session.Session, server client.Server) error {
	if !m.hasDeploy() {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return machine.WhileExists(ctx, s, server, func(ctx context.Context) error {
		return d.AwaitHealthy(ctx, deployTarget(server), rollout.SpecOf(s, rollout.ModelOf(m.Deploy)))
	})
}

// unpin removes the server's pin if the configuration no longer has a deploy
// block. The server then loads the release of its channel.
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

// refreshRelease stores the release that the server reports in the deploy block.
// If Cloud Storage is down, it returns a warning and not an error, because a plan
// must not depend on Cloud Storage. Without a deploy block it warns about a problem
// that the server reports.
func (m *serverModel) refreshRelease(ctx context.Context, s *session.Session) diag.Diagnostics {
	if m.Deploy.IsNull() {
		return rollout.BootProblem(ctx, s, m.Name.ValueString())
	}
	model := rollout.ModelOf(m.Deploy)
	nextBoot := model.Effect() == rollout.OnChangeNone || m.PowerState.ValueString() == powerOff // only the next boot loads the release
	if !tf.IsSet(m.Deploy) || nextBoot || !s.Storage.Set || len(s.StorageUnknown()) > 0 {
		return nil
	}
	running, err := runningRelease(ctx, s, m.Name.ValueString(), model.Release)
	if err != nil {
		s.Phase.FirstTime(storageChecked)
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(rollout.Path(), "Not known which releases servers run",
			tf.Sentence(err.Error())+" The state is kept as it is.")}
	}
	if !running.Equal(model.Release) {
		m.Deploy = rollout.WithRelease(ctx, m.Deploy, running)
	}
	return nil
}

// runningRelease returns the release that a server reports. Until the server has
// reported a boot, it returns known, the release of the state.
//
// It returns null while a rollout step of the server is unfinished, and if the
// pin names a release that neither the state nor the server's report names.
// With null, the next plan shows a change for any configured release. Without
// it, a configuration that returns to the release of the state would show no
// change, and the pin would keep the newer release.
func runningRelease(ctx context.Context, s *session.Session, server string, known types.String) (types.String, error) {
	found, err := rollout.ReportOf(ctx, s, server)
	if err == nil {
		err = found.Unreadable
	}
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
		return tf.NullIfEmpty(status.Release), nil
	}
}

// removeFiles removes the files of a deleted server from Cloud Storage, unless
// another server has the same name now.
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
			tf.Sentence(err.Error())+" The server is gone. Its pin and its status file remain on Cloud Storage; a new server of the same name replaces them.")}
	}
	return nil
}

// storageChecked is the key under which Phase.FirstTime records the check of
// Cloud Storage. The check runs once per process, because its result is the
// same for all servers.
const storageChecked = "deploys on Cloud Storage"

// checkRelease reports problems at plan time that would make the deploy fail.
func (m *serverModel) checkRelease(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.hasDeploy() {
		return diags
	}
	block := path.Root("deploy")
	if !s.Storage.Set {
		diags.AddAttributeError(block, "No Cloud Storage to deploy from", tf.Sentence(session.ErrNoCloudStorage.Error())+" Servers load releases from Cloud Storage and report there which release they run.")
		return diags
	}
	if !m.Name.IsUnknown() {
		if err := rollout.CheckServerFile(m.Name.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("name"), "No name for a server with a release", tf.Sentence(err.Error())+
				" With a deploy block, the server's files on Cloud Storage have the same name.")
		}
	}
	if len(s.StorageUnknown()) > 0 || s.Phase.IsApply() || !s.Phase.FirstTime(storageChecked) {
		return diags
	}
	return append(diags, rollout.CheckShare(ctx, s, block)...)
}
