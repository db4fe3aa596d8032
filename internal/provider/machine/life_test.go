// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestCreate: a new machine gets the lowest free address and the tag of the
// deployment, and the session knows its addresses.
func TestCreate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	wanted := spec("web")
	wanted.PrivateIP = r.address(false, 3)
	started, _, problems := machine.Create(t.Context(), s, wanted)
	wantProblems(t, problems)
	if !started.Pending() || !s.Phase.IsApply() || !s.Known.HasSeen(started.IP.Address) || !s.Known.HasSeen(wanted.PrivateIP) {
		t.Errorf("%s must be pending, and the session must know its addresses", machine.Describe(*started))
	}
	server, err := machine.AwaitCreated(t.Context(), s, wanted.Operation(), *started)
	if err != nil {
		t.Fatal(err)
	}
	if !machine.IsSteady(server) || server.IP.Address != r.address(true, 0) || server.PrivateIP.Address != wanted.PrivateIP {
		t.Errorf("got %s in state %s, want a steady server at %s", machine.Describe(*server), server.State.Name, r.address(true, 0))
	}
	if !s.Tag("").On(server.Description) || !strings.Contains(server.Description, "the web") {
		t.Errorf("the description %q must hold the text and the tag", server.Description)
	}
}

// TestCreateErrors: a machine that cannot be created leaves nothing on the grid and
// claims no address.
func TestCreateErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*rig, *machine.Spec)
		want   string
	}{
		"no image": {
			func(_ *rig, m *machine.Spec) { m.Image = "centos7" },
			`error at image: There is no image "centos7"`,
		},
		"no image for a build": {
			func(_ *rig, m *machine.Spec) { m.Image, m.At = "centos7", path.Root("build") },
			`error at build.image: There is no image "centos7"`,
		},
		"address of another account": {
			func(_ *rig, m *machine.Spec) { m.PublicIP = "192.0.2.1" },
			"error at public_ip: Address 192.0.2.1 does not belong to the account",
		},
		"public address in use": {
			func(r *rig, m *machine.Spec) { m.PublicIP = r.create(r.session("other"), spec("holder")).IP.Address },
			"error at public_ip: Address %s is taken",
		},
		"private address in use": {
			func(r *rig, m *machine.Spec) {
				holder := spec("holder")
				holder.PrivateIP = r.address(false, 0)
				m.PrivateIP = r.create(r.session("other"), holder).PrivateIP.Address
			},
			"error at private_ip: Address %s is taken",
		},
		"refused": {
			func(r *rig, _ *machine.Spec) {
				if err := r.AddFaults(simulator.Fault{Method: "grid.server.add", Kind: simulator.FaultStatus, Status: 400}); err != nil {
					r.t.Error(err)
				}
			},
			`error at : Could not create server "web" at %s`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			wanted := spec("web")
			test.change(r, &wanted)
			before := len(r.Inspect().Servers)
			s := r.session("shop")
			server, leftovers, problems := machine.Create(t.Context(), s, wanted)
			if strings.Contains(test.want, "%s") {
				test.want = fmt.Sprintf(test.want, cmp.Or(wanted.PublicIP, wanted.PrivateIP, r.address(true, 0)))
			}
			wantProblems(t, problems, test.want)
			if server != nil || len(leftovers) > 0 || len(r.Inspect().Servers) != before {
				t.Errorf("got %v and leftovers %v, and the grid has %d servers, want %d", server, leftovers, len(r.Inspect().Servers), before)
			}
			if next := r.create(s, spec("next")); next.IP.Address != r.address(true, before) {
				t.Errorf("the next machine is at %s: the failed creation still claims an address", next.IP.Address)
			}
		})
	}
}

// TestCreateLostAnswer: if the answer to the add call is lost, the machine is created
// exactly once, whether GoGrid carried the call out or not.
func TestCreateLostAnswer(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]simulator.FaultWhen{"before": simulator.FaultBefore, "after": simulator.FaultAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if err := r.AddFaults(simulator.Fault{Method: "grid.server.add", Kind: simulator.FaultReset, When: when}); err != nil {
				t.Fatal(err)
			}
			r.create(r.session("shop"), spec("web"))
			r.wantServers("web")
			if got := r.jobs(client.JobCreateVirtualServer); got != 1 {
				t.Errorf("GoGrid created %d machines, want 1", got)
			}
		})
	}
}

// TestAdopt: a machine that an interrupted apply left is taken over if it equals the
// spec, or if an edit makes the two equal. Otherwise it is a leftover.
func TestAdopt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*machine.Spec)
		adopts bool
		detail string
	}{
		"equal":       {func(*machine.Spec) {}, true, "Nothing was created again"},
		"other RAM":   {func(m *machine.Spec) { m.RAM = "1GB" }, true, "size or type"},
		"other image": {func(m *machine.Spec) { m.Image = "centos6.2_32_base" }, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			left := r.create(r.session("shop"), spec("web"))
			wanted := spec("web")
			test.change(&wanted)
			s := r.session("shop")
			server, leftovers, problems := machine.Create(t.Context(), s, wanted)
			if server == nil || problems.HasError() {
				t.Fatalf("got no machine: %v", problems)
			}
			if test.adopts {
				wantProblems(t, problems, "warning at : Took over "+machine.Describe(left))
				if server.ID != left.ID || len(leftovers) > 0 || !strings.Contains(problems[0].Detail, test.detail) {
					t.Errorf("got %s, leftovers %v and %v", machine.Describe(*server), leftovers, problems)
				}
				if s.Known.TryDelete("server", left.IP.Address) {
					t.Error("a machine that was taken over must not be deleted by the same process")
				}
				r.wantServers("web")
				return
			}
			wantProblems(t, problems)
			if server.IP.Address == left.IP.Address || len(leftovers) != 1 || leftovers[0].ID != left.ID {
				t.Fatalf("got %s and leftovers %v, want a new machine and the old one", machine.Describe(*server), leftovers)
			}
			if _, err := machine.AwaitCreated(t.Context(), s, wanted.Operation(), *server); err != nil {
				t.Fatal(err)
			}
			wantProblems(t, machine.RemoveOrphans(t.Context(), s, wanted, leftovers), "warning at : Deleted "+machine.Describe(left))
			r.wantServers("web")
		})
	}
}

// TestAdoptDoomed: a creation takes over a machine that another resource of the
// same process will delete, but not after that deletion has begun.
func TestAdoptDoomed(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]bool{"before the deletion": false, "after the deletion began": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			s := r.session("shop")
			old := r.create(s, spec("web"))
			s.Known.Doom(old.Addresses()...)
			if begun && !s.Known.TryDelete("server", old.IP.Address) {
				t.Fatal("the deletion may not begin")
			}
			server, _, problems := machine.Create(t.Context(), s, spec("web"))
			if server == nil || (server.IP.Address == old.IP.Address) == begun {
				t.Fatalf("got %v at the address of %s, problems %v", server, machine.Describe(old), problems)
			}
			if !begun {
				wantProblems(t, problems, "warning at : Took over "+machine.Describe(old))
			}
		})
	}
}

// TestNameTaken: without a tag, a creation reports a machine that equals the
// spec and creates no second one. It does not report machines that the same
// process has created.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("")
	stranger := r.create(s, spec("web"))
	for range 2 {
		server, _, problems := machine.Create(t.Context(), r.session(""), spec("web"))
		wantProblems(t, problems, "error at name: The grid already has "+machine.Describe(stranger))
		if server != nil {
			t.Errorf("got %s", machine.Describe(*server))
		}
	}
	r.wantServers("web")
	r.create(s, spec("web"))
	r.wantServers("web", "web")
}

// TestCommands: an edit and the power commands wait until the server shows the
// change.
func TestCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	server := r.create(s, spec("web"))
	ram, text := "1GB", "changed"
	edited, err := machine.Edit(t.Context(), s, server, client.ServerEdit{RAM: &ram, Description: &text})
	if err != nil || !edited.RAM.Matches(ram) || edited.Description != text {
		t.Fatalf("got %+v, %v", edited, err)
	}
	for _, step := range []struct {
		action client.PowerAction
		want   string
	}{{client.PowerOff, client.StateOff}, {client.PowerOn, client.StateOn}, {client.PowerRestart, client.StateOn}} {
		if got, err := machine.SwitchPower(t.Context(), s, server, step.action); err != nil || !got.State.Matches(step.want) {
			t.Errorf("power %s: got %+v, %v, want state %s", step.action, got, err, step.want)
		}
	}
}

// TestRestartOnce: if the answer to a restart is lost, its job shows that GoGrid has
// accepted the call, and the server restarts once.
func TestRestartOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	server := r.create(s, spec("web"))
	if err := r.AddFaults(simulator.Fault{Method: "grid.server.power", Kind: simulator.FaultReset, When: simulator.FaultAfter}); err != nil {
		t.Fatal(err)
	}
	if _, err := machine.RestartOnce(t.Context(), s, server, ""); err != nil {
		t.Fatal(err)
	}
	last, err := machine.LastRestart(t.Context(), s, server)
	if err != nil || last == nil || r.jobs(client.JobRestartVirtualServer) != 1 {
		t.Fatalf("got the restart %v, %v and %d jobs, want one", last, err, r.jobs(client.JobRestartVirtualServer))
	}
	if _, err := machine.RestartOnce(t.Context(), s, server, machine.JobID(last)); err != nil || r.jobs(client.JobRestartVirtualServer) != 2 {
		t.Errorf("a second restart: got %v and %d jobs, want two", err, r.jobs(client.JobRestartVirtualServer))
	}
}

// TestBusyServer: a command whose job fails because the server is busy is sent again
// once the server is idle. A command whose job fails for another reason is not.
func TestBusyServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	server := r.create(s, spec("web"))
	if _, err := s.Client.Servers.Power(t.Context(), server.ID, client.PowerRestart); err != nil {
		t.Fatal(err)
	}
	text := "changed"
	if edited, err := machine.Edit(t.Context(), s, server, client.ServerEdit{Description: &text}); err != nil || edited.Description != text {
		t.Errorf("got %+v, %v", edited, err)
	}
	if err := r.AddFaults(simulator.Fault{Method: "grid.server.power", Kind: simulator.FaultJob}); err != nil {
		t.Fatal(err)
	}
	before := r.Counters()["grid.server.power"]
	var failed *client.JobError
	if _, err := machine.SwitchPower(t.Context(), s, server, client.PowerOff); !errors.As(err, &failed) {
		t.Errorf("got %v, want the error of the job", err)
	}
	if calls := r.Counters()["grid.server.power"] - before; calls != 1 {
		t.Errorf("the command was sent %d times, want once", calls)
	}
}

// TestDelete: a deletion frees the addresses, waits for a creation in progress,
// and succeeds for a server that no longer exists.
func TestDelete(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	server := r.create(s, spec("web"))
	if err := machine.Delete(t.Context(), s, server); err != nil {
		t.Fatal(err)
	}
	r.wantServers()
	if holder := r.holder(server.IP.Address); holder != "" {
		t.Errorf("%s still has the address", holder)
	}
	if err := machine.Delete(t.Context(), s, server); err != nil {
		t.Errorf("delete a server that is gone: %v", err)
	}
	pending, _, problems := machine.Create(t.Context(), s, spec("web"))
	if pending == nil || !pending.Pending() || pending.IP.Address != server.IP.Address {
		t.Fatalf("got %v and problems %v, want a pending server at the address of the old one", pending, problems)
	}
	if err := machine.Delete(t.Context(), s, *pending); err != nil {
		t.Fatal(err)
	}
	r.wantServers()
}

// TestDeleteAgain: a deletion is sent again after its job has failed.
func TestDeleteAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	server := r.create(s, spec("web"))
	if err := r.AddFaults(simulator.Fault{Method: "grid.server.delete", Kind: simulator.FaultJob, Times: 2}); err != nil {
		t.Fatal(err)
	}
	if err := machine.Delete(t.Context(), s, server); err != nil {
		t.Fatal(err)
	}
	r.wantServers()
	if got := r.jobs(client.JobDeleteVirtualServer); got != 3 {
		t.Errorf("GoGrid has %d jobs, want 3", got)
	}
}

// TestWhileExists: a wait for the guest of a server ends with a GoneError if
// the server is deleted during the wait. Otherwise WhileExists returns the
// error of the wait.
func TestWhileExists(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	server := r.create(s, spec("web"))
	own := errors.New("not ready")
	if err := machine.WhileExists(t.Context(), s, server, func(context.Context) error { return own }); !errors.Is(err, own) {
		t.Errorf("got %v, want the error of the wait", err)
	}
	err := machine.WhileExists(t.Context(), s, server, func(ctx context.Context) error {
		if _, err := s.Client.Servers.Delete(ctx, server.ID); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	})
	var gone *client.GoneError
	if !errors.As(err, &gone) {
		t.Errorf("got %v, want a GoneError", err)
	}
}

// TestCheckNew: a plan reports each attribute that the grid does not accept, and
// changes nothing.
func TestCheckNew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	left := r.create(r.session("shop"), spec("web"))
	for name, test := range map[string]struct {
		change  func(*machine.Spec)
		unknown []string
		want    []string
	}{
		"good":      {change: func(*machine.Spec) {}},
		"left over": {change: func(m *machine.Spec) { m.Name = "web" }, want: []string{"warning at name: The grid already has " + machine.Describe(left)}},
		"wrong": {change: func(m *machine.Spec) {
			m.Image, m.RAM, m.Type, m.Datacenter, m.Description = "centos7", "3GB", "Huge", "Mars-1", strings.Repeat("x", 500)
		}, want: []string{
			"error at description: Description is too long", `error at image: There is no image "centos7"`, `error at ram: GoGrid has no RAM size "3GB"`,
			`error at type: GoGrid has no server type "Huge"`, `error at datacenter: GoGrid has no datacenter "Mars-1"`,
		}},
		"unknown":     {change: func(m *machine.Spec) { m.Image, m.RAM, m.Datacenter = "", "", "" }, unknown: []string{"image", "ram", "datacenter"}},
		"own address": {change: func(m *machine.Spec) { m.PublicIP = left.IP.Address }, want: []string{"warning at public_ip: Address " + left.IP.Address + " is taken"}},
		"no address":  {change: func(m *machine.Spec) { m.PrivateIP = "10.0.0.256" }, want: []string{"error at private_ip: Address 10.0.0.256 does not belong to the account"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wanted, unknown := spec("new"), machine.Attributes{}
			test.change(&wanted)
			for _, attribute := range test.unknown {
				unknown.AddIf(attribute, true)
			}
			s := r.session("shop")
			wantProblems(t, machine.CheckNew(t.Context(), s, wanted, unknown), test.want...)
			if s.Phase.IsApply() {
				t.Error("a check must not start the apply phase")
			}
		})
	}
}

// TestCheckNewTogether: checks over the whole plan report a duplicate name for
// each machine, but a lack of addresses only once.
func TestCheckNewTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.session("shop")
	wantProblems(t, machine.CheckNew(t.Context(), s, spec("twin"), machine.Attributes{}))
	wantProblems(t, machine.CheckNew(t.Context(), s, spec("twin"), machine.Attributes{}), `error at name: Two servers have the name "twin"`)
	lacking := 0
	for n := range 20 {
		for _, p := range machine.CheckNew(t.Context(), s, spec(fmt.Sprintf("web-%d", n)), machine.Attributes{}) {
			if p.IsWarning {
				continue
			}
			if p.Summary != "Not enough free public addresses" || !p.Attribute.Equal(path.Root("public_ip")) {
				t.Errorf("got %+v", p)
			}
			lacking++
		}
	}
	if lacking != 1 {
		t.Errorf("the lack of addresses was reported %d times, want once", lacking)
	}
}
