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

// deploys tells whether the server is to run a release.
func (m *serverModel) deploys() bool { return !m.Deploy.IsNull() }

// target is the server as a deploy knows it.
func target(server client.Server) deploy.Server {
	known := deploy.Server{Name: server.Name, Address: server.IP.Address}
	if server.PrivateIP != nil {
		known.Private = server.PrivateIP.Address
	}
	return known
}

// moves tells whether the release is to be another one than before. A block
// that is new, as after an import, may ask for what runs already, and so may one
// whose server was to load its release at its next boot and is to be restarted
// now: the deploy will see.
func (m *serverModel) moves(old *serverModel) bool {
	if !m.deploys() {
		return false
	}
	now, before := rollout.ModelOf(m.Deploy), rollout.ModelOf(old.Deploy)
	catchesUp := before.Effect() == rollout.OnChangeNone && now.Effect() == rollout.OnChangeRestart
	return m.Deploy.IsUnknown() || !now.Release.Equal(before.Release) || catchesUp
}

// repins tells whether the server's pin is to be another one.
func (m *serverModel) repins(old *serverModel) bool {
	if m.moves(old) || m.deploys() != old.deploys() {
		return true
	}
	now, before := rollout.ModelOf(m.Deploy).Spec(), rollout.ModelOf(old.Deploy).Spec()
	return now.Channel != before.Channel || now.Group != before.Group
}

// replacedForRelease tells whether a new release replaces the server.
func (m *serverModel) replacedForRelease(old *serverModel) bool {
	before := rollout.ModelOf(old.Deploy)
	return m.moves(old) && !before.Release.IsNull() && rollout.ModelOf(m.Deploy).Effect() == rollout.OnChangeReplace
}

// announce pins the release of a server that is about to be made, so that its
// first boot loads it. One that is there already, because an apply was killed,
// has been announced; one that is to be replaced by it, under the same name, has
// not.
func (m *serverModel) announce(ctx context.Context, s *session.Session) error {
	if !m.deploys() {
		return nil
	}
	left, err := machine.FindOrphans(ctx, s, m.spec())
	if err != nil || left.Best != nil {
		return err
	}
	return m.announceBoot(ctx, s)
}

// serversNamed are the servers of a name: names need not be unique.
func serversNamed(ctx context.Context, s *session.Session, name string) ([]client.Server, error) {
	servers, err := s.Client.Snapshot.Servers(ctx)
	return slices.DeleteFunc(slices.Clone(servers), func(server client.Server) bool { return server.Name != name }), err
}

// announceBoot is announce for a server that is about to be switched on.
func (m *serverModel) announceBoot(ctx context.Context, s *session.Session) error {
	if !m.deploys() {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return d.Announce(ctx, m.Name.ValueString(), rollout.ModelOf(m.Deploy).Spec())
}

// queue waits until the server may be restarted without too many of its group
// being away, and returns how it leaves.
func (m *serverModel) queue(ctx context.Context, s *session.Session, prior machineObject) (leave func(error), err error) {
	old := prior.(*serverModel)
	model := rollout.ModelOf(m.Deploy)
	restarts := m.restarts(old) || m.moves(old) && model.Effect() == rollout.OnChangeRestart
	if !m.deploys() || !restarts || m.PowerState.ValueString() == powerOff {
		return func(error) {}, nil
	}
	if old.PowerState.ValueString() == powerOff {
		now, err := findServer(ctx, s, old)
		if err != nil || now == nil || now.State.Matches(client.StateOff) {
			return func(error) {}, err
		}
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return nil, err
	}
	return d.Enter(ctx, target(prior.shared().reference()), rollout.SpecOf(s, model))
}

// settleRelease has the server run the release that it is to run, and tells
// whether it has restarted it for that. Whoever has it restarted has waited for
// its turn.
func (m *serverModel) settleRelease(ctx context.Context, s *session.Session, old *serverModel, server client.Server, started bool) (*client.Server, bool, error) {
	if !m.deploys() {
		return &server, false, m.unpin(ctx, s, old)
	}
	off := !server.State.Matches(client.StateOn)
	if old != nil && !started && !off && !m.repins(old) {
		return &server, false, nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return nil, false, err
	}
	model := rollout.ModelOf(m.Deploy)
	waits := old == nil || started || m.moves(old) && model.Effect() == rollout.OnChangeRestart
	if off || !waits {
		return &server, false, d.Pin(ctx, target(server), rollout.SpecOf(s, model), off)
	}
	var restarted *client.Server
	err = machine.WhileThere(ctx, s, server, func(ctx context.Context) error {
		return d.Converge(ctx, target(server), rollout.SpecOf(s, model), func(ctx context.Context, last string) (err error) {
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
	if !m.deploys() {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return machine.WhileThere(ctx, s, server, func(ctx context.Context) error {
		return d.AwaitHealthy(ctx, target(server), rollout.SpecOf(s, rollout.ModelOf(m.Deploy)))
	})
}

// unpin has a server follow its channel again, after the block is gone.
func (m *serverModel) unpin(ctx context.Context, s *session.Session, old *serverModel) error {
	if old == nil || !old.deploys() || !s.Storage.Set {
		return nil
	}
	d, err := rollout.NewDeployer(ctx, s)
	if err != nil {
		return err
	}
	return d.Unpin(ctx, m.Name.ValueString())
}

// observe records the release that the server reports. Without a deploy block
// it warns about a problem that the server reports. With a deploy block, it
// warns if Cloud Storage is down: a plan must not need Cloud Storage.
func (m *serverModel) observe(ctx context.Context, s *session.Session) diag.Diagnostics {
	if m.Deploy.IsNull() {
		return rollout.BootProblem(ctx, s, m.Name.ValueString())
	}
	model := rollout.ModelOf(m.Deploy)
	waits := model.Effect() == rollout.OnChangeNone || m.PowerState.ValueString() == powerOff // for its next boot
	if !tf.IsSet(m.Deploy) || waits || !s.Storage.Set || len(s.StorageUnknown()) > 0 {
		return nil
	}
	running, err := runsRelease(ctx, s, m.Name.ValueString(), model.Release)
	if err != nil {
		s.Ledger.Once(shareChecked)
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(rollout.Path(), "Not known which releases servers run",
			tf.Sentence(err.Error())+" The state is kept as it is.")}
	}
	if !running.Equal(model.Release) {
		m.Deploy = rollout.WithRelease(ctx, m.Deploy, running)
	}
	return nil
}

// runsRelease is the release that a server runs by its own account; the one of the
// state as long as it has told nothing. It is not known, and null, while its
// turn is open, and after a turn that ended without a word: whichever release
// is wanted then, the next apply has to see to it. Else a release that is taken
// back would look like no change, and stay in the server's pin.
func runsRelease(ctx context.Context, s *session.Session, server string, known types.String) (types.String, error) {
	found, err := rollout.ReportOf(ctx, s, server)
	if err != nil {
		return known, err
	}
	told := found.Status
	news := told.Started != "" && !known.IsNull() && told.Release != known.ValueString()
	loaded := slices.Contains([]string{"", told.Release, known.ValueString()}, found.Pinned)
	switch {
	case found.UnderWay, !news && !loaded:
		return types.StringNull(), nil
	case told.Started == "":
		return known, nil
	default:
		return tf.TextOrNull(told.Release), nil
	}
}

// forget removes what is on Cloud Storage of a server that is gone, unless
// another one has its name by now.
func (m *serverModel) forget(ctx context.Context, s *session.Session) diag.Diagnostics {
	if !m.deploys() || !s.Storage.Set {
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

// shareChecked is what the ledger calls the check whether Cloud Storage can be
// used: one server's says it for all.
const shareChecked = "deploys on Cloud Storage"

// checkRelease finds at plan what would stop a deploy.
func (m *serverModel) checkRelease(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.deploys() {
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
	if len(s.StorageUnknown()) > 0 || s.Ledger.Begun() || !s.Ledger.Once(shareChecked) {
		return diags
	}
	return append(diags, rollout.CheckShare(ctx, s, block)...)
}
