// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// TestDeployLife: made, moved on, rolled back and destroyed.
func TestDeployLife(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	v1, v2 := web1().With(r.deploys("v1")), web1().With(r.deploys("v2"))
	m.Apply(v1).WantNone(t)
	r.wantRuns("web1", "v1", 0)
	wantNoChange(t, m, v1)
	id := m.Get("id")

	r.release("v2", "v1")
	if plan := m.Plan(v2); plan.Action() != "update" || plan.Planned("deploy").(acctest.Attributes)["release"] != "v2" || runs(m) != "v1" {
		t.Errorf("planned: %s", plan.Action())
	}
	m.Apply(v2).WantNone(t)
	r.wantRuns("web1", "v2", 1)
	wantNoChange(t, m, v2)
	if m.Get("id") != id {
		t.Error("the server was replaced")
	}

	m.Apply(v1).WantNone(t) // the channel still knows it
	r.wantRuns("web1", "v1", 2)
	wantNoChange(t, m, v1)

	m.Destroy().WantNone(t)
	if files := shareFiles(t, r.share); len(files) != 1 {
		t.Errorf("left: %v", files)
	}
}

// TestDeployFails: the first error stops the others of the group in the same
// process, which say so and stay as they are; the next apply goes on.
func TestDeployFails(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	names := []string{"web1", "web2", "web3"}
	config := func(name, release string) acctest.Attributes {
		return web1().With(acctest.Attributes{"name": name}).With(r.deploys(release))
	}
	s := r.session()
	objects := map[string]acctest.Object{}
	for _, name := range names {
		objects[name] = create(t, s, "gogrid_server", config(name, "v1"))
	}
	r.release("v2", "v1")
	r.broken["v2"] = true
	s = r.session()
	_, diagnostics := s.Apply(t.Context(), s.Plan(objects["web1"], config("web1", "v2")))
	diagnostics.WantError(t, "deploy.release", `Could not update server "web1"`, "could not install the release v2 and has gone back to v1: a step of the release v2 failed .step 1, run.", "left as they are", "previous release")
	r.wantRuns("web1", "v1", 1)
	for _, name := range names[1:] {
		_, diagnostics := s.Apply(t.Context(), s.Plan(objects[name], config(name, "v2")))
		diagnostics.WantError(t, "deploy.release", `Could not update server "`+name, `server "web1" failed: server "web1" could not install`, "was not touched", "goes on with web1")
		r.wantRuns(name, "v1", 1)
	}

	r.broken["v2"] = false
	s = r.session()
	for _, name := range names {
		object, diagnostics := s.Read(objects[name])
		diagnostics.WantNone(t)
		_, diagnostics = s.Apply(t.Context(), s.Plan(object, config(name, "v2")))
		diagnostics.WantNone(t)
	}
	r.wantRuns("web3", "v2", 4)
}

// TestDeployOnByNow: the state says that the server is off, and somebody has
// switched it on since. It waits for its turn as one that is on.
func TestDeployOnByNow(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	one, two := r.manage(), r.manage()
	config := func(name, release string) acctest.Attributes {
		return web1().With(acctest.Attributes{"name": name}).With(r.deploys(release))
	}
	one.Apply(config("web1", "v1").With(acctest.Attributes{"power_state": "off"})).WantNone(t)
	stale := one.Object
	one.Apply(config("web1", "v1")).WantNone(t)
	two.Apply(config("web2", "v1")).WantNone(t)
	r.release("v2", "v1")
	r.broken["v2"] = true
	s := r.session()
	_, diagnostics := s.Apply(t.Context(), s.Plan(two.Object, config("web2", "v2")))
	diagnostics.WantError(t, "deploy.release", "could not install the release v2")
	_, diagnostics = s.Apply(t.Context(), s.Plan(stale, config("web1", "v2")))
	diagnostics.WantError(t, "deploy.release", "was not touched")
	r.wantRuns("web1", "v1", 1)
}

// TestDeployUnhealthy: the server runs the release and does not answer as it
// should. Others are not restarted for that either, until it was rolled back.
func TestDeployUnhealthy(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	one, two := r.manage(), r.manage()
	config := func(name, release string) acctest.Attributes {
		return web1().With(acctest.Attributes{"name": name}).With(r.deploys(release, r.impatient()))
	}
	one.Apply(config("web1", "v1")).WantNone(t)
	two.Apply(config("web2", "v1")).WantNone(t)
	r.release("v2", "v1")
	r.sick["v2"] = true
	one.Apply(config("web1", "v2")).WantError(t, "deploy.release", `Server "web1" has installed the release v2 and is not healthy`, "answered 503")
	if plan := one.Plan(config("web1", "v2")); plan.Action() != "no-op" || runs(one) != "v2" {
		t.Errorf("afterwards %s is planned, and the state has %v", plan.Action(), runs(one))
	}
	two.Apply(config("web2", "v2")).WantError(t, "deploy.max_unavailable", "at most 1 may be away", "web1 .GET http", "answered 503", "was not touched", "-parallelism")
	r.wantRuns("web2", "v1", 1)
	one.Apply(config("web1", "v1")).WantNone(t)
	r.wantRuns("web1", "v1", 2)
	wantNoChange(t, two, config("web2", "v1"))
}

// TestDeployDrift: a server that runs another release than the state says shows
// as a change; what cannot be known does not.
func TestDeployDrift(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	v1 := web1().With(r.deploys("v1"))
	m.Apply(v1).WantNone(t)
	r.tell("web1", "v0")
	if plan := m.Plan(v1); plan.Action() != "update" || runs(m) != "v0" {
		t.Errorf("%s is planned for a server with %v", plan.Action(), runs(m))
	}
	m.Apply(v1).WantNone(t)
	r.wantRuns("web1", "v1", 1)

	r.put("status/web1.json", `{"result": "failed", "release": "", "started": "now"}`)
	if plan := m.Plan(v1); plan.Action() != "update" || runs(m) != nil {
		t.Errorf("%s is planned for a server with %v", plan.Action(), runs(m))
	}
	m.Apply(v1).WantNone(t)
	r.wantRuns("web1", "v1", 2)

	r.put("status/web1.json", `half a sta`)
	wantNoChange(t, m, v1)
	if err := os.Remove(filepath.Join(r.share.Dir, "status", "web1.json")); err != nil {
		t.Fatal(err)
	}
	wantNoChange(t, m, v1)

	r.tell("web1", "v0")
	r.put("servers/web1.json", "{}")
	if plan := m.Plan(v1); plan.Action() != "update" || runs(m) != "v0" {
		t.Errorf("%s is planned for a server with %v", plan.Action(), runs(m))
	}
}

// TestDeployLeftOff: a turn has ended without a word, or not at all. The next
// apply sees to it, whether it goes on or goes back.
func TestDeployLeftOff(t *testing.T) {
	t.Parallel()
	open := acctest.Attributes{"turn": "restart", "turn_status": "2026-11-25T10:00:01Z"}
	for name, tc := range map[string]struct {
		pin    acctest.Attributes
		loaded bool
		// back and on are the restarts that are left to do.
		back, on int
	}{
		"before the restart": {open, false, 0, 1},
		"after the report":   {open, true, 1, 0},
		"in silence":         {acctest.Attributes{}, false, 0, 1},
	} {
		for wanted, restarts := range map[string]int{"v1": tc.back, "v2": tc.on} {
			t.Run(name+", "+wanted, func(t *testing.T) {
				t.Parallel()
				r := newDeployRig(t)
				m := r.manage()
				m.Apply(web1().With(r.deploys("v1"))).WantNone(t)
				r.release("v2", "v1")
				r.pinned("web1", "v2", tc.pin)
				if tc.loaded {
					r.tell("web1", "v2")
				}
				config := web1().With(r.deploys(wanted))
				if plan := m.Plan(config); plan.Action() != "update" {
					t.Errorf("%s is planned", plan.Action())
				}
				m.Apply(config).WantNone(t)
				r.wantRuns("web1", wanted, restarts)
				wantNoChange(t, m, config)
			})
		}
	}
}

// TestDeployHugeFiles: a file that no server writes says nothing, and is in the
// way of nobody.
func TestDeployHugeFiles(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	v1, v2 := web1().With(r.deploys("v1")), web1().With(r.deploys("v2"))
	m.Apply(v1).WantNone(t)
	huge := `{"release": "v0", "x": "` + strings.Repeat("x", 1<<20) + `"}`
	r.put("servers/stranger.json", huge)
	r.put("status/stranger.json", huge)
	r.put("status/web1.json", huge)
	wantNoChange(t, m, v1)
	r.release("v2", "v1")
	m.Apply(v2).WantNone(t)
	r.wantRuns("web1", "v2", 1)
	_, diagnostics := r.session().ReadData("gogrid_deployment", acctest.Attributes{})
	diagnostics.WantNone(t)
}

// TestDeployOutage: while Cloud Storage is down one can plan, and is told.
func TestDeployOutage(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	v1 := web1().With(r.deploys("v1"))
	m.Apply(v1).WantNone(t)
	r.share.Stop()
	plan := m.Plan(v1)
	plan.Diagnostics.WantWarning(t, "deploy.release", "Not known which releases servers run", "refused", "kept as it is")
	if plan.Action() != "no-op" {
		t.Errorf("%s is planned", plan.Action())
	}
	plan = m.Plan(web1().With(r.deploys("v2")))
	plan.Diagnostics.Errors().WantNone(t)
	plan.Diagnostics.WantWarning(t, "deploy.release", "Not known which releases servers run")
	r.manage().Plan(web1().With(acctest.Attributes{"name": "web2"}).With(r.deploys("v1"))).Diagnostics.WantWarning(t, "deploy", "Cloud Storage cannot be reached", "which will fail unless")
	m.Apply(web1().With(r.deploys("v2"))).Errors().WantError(t, "-", `Could not update server "web1"`, "refused")
	m.Destroy()[1:].WantWarning(t, "-", "Left files of the server", "The server is gone")
	if servers := r.grid.Inspect().Servers; len(servers) != 0 {
		t.Errorf("left: %v", servers)
	}
}

// TestDeployForms: what the block asks for besides a restart.
func TestDeployForms(t *testing.T) {
	t.Parallel()
	off := acctest.Attributes{"power_state": "off"}
	for name, tc := range map[string]struct {
		before, after func(*deployRig) acctest.Attributes
		action        string
		restarts      int
		runs, pinned  any
	}{
		"replace": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1") },
			after: func(r *deployRig) acctest.Attributes {
				return r.deploys("v2", acctest.Attributes{"on_change": "replace"})
			},
			action: "replace", runs: "v2", pinned: "v2",
		},
		"none": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1") },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v2", acctest.Attributes{"on_change": "none"}) },
			action: "update", runs: "v1", pinned: "v2",
		},
		"another group": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1") },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v1", acctest.Attributes{"group": "blue"}) },
			action: "update", runs: "v1", pinned: "v1",
		},
		"another health": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1") },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v1", r.impatient()) },
			action: "update", runs: "v1", pinned: "v1",
		},
		"a block for the first time": {
			before: func(*deployRig) acctest.Attributes { return nil },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v2") },
			action: "update", restarts: 1, runs: "v2", pinned: "v2",
		},
		"no block any more": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1") },
			after:  func(*deployRig) acctest.Attributes { return nil },
			action: "update", runs: "v1", pinned: nil,
		},
		"while it is off": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1").With(off) },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v2").With(off) },
			action: "update", runs: "v1", pinned: "v2",
		},
		"switched on": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1").With(off) },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v2") },
			action: "update", runs: "v2", pinned: "v2",
		},
		"with triggers": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1").With(release("1")) },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v2").With(release("2")) },
			action: "update", restarts: 1, runs: "v2", pinned: "v2",
		},
		"triggers alone": {
			before: func(r *deployRig) acctest.Attributes { return r.deploys("v1").With(release("1")) },
			after:  func(r *deployRig) acctest.Attributes { return r.deploys("v1").With(release("2")) },
			action: "update", restarts: 1, runs: "v1", pinned: "v1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newDeployRig(t)
			m := r.manage()
			m.Apply(web1().With(tc.before(r))).WantNone(t)
			r.release("v2", "v1")
			config := web1().With(tc.after(r))
			if plan := m.Plan(config); plan.Action() != tc.action {
				t.Errorf("%s is planned, want %s", plan.Action(), tc.action)
			}
			m.Apply(config).WantNone(t)
			if got := r.grid.Jobs("RestartVirtualServer"); got != tc.restarts {
				t.Errorf("there were %d restarts, want %d", got, tc.restarts)
			}
			if ran, pinned := r.told("web1")["release"], r.pin("web1")["release"]; ran != tc.runs && tc.before(r) != nil || pinned != tc.pinned {
				t.Errorf("it runs %v and is pinned to %v, want %v and %v", ran, pinned, tc.runs, tc.pinned)
			}
			wantNoChange(t, m, config)
		})
	}
}

// TestDeployCatchesUp: a server that was to load its release whenever it boots
// is to be restarted for it after all.
func TestDeployCatchesUp(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	m.Apply(web1().With(r.deploys("v1"))).WantNone(t)
	r.release("v2", "v1")
	m.Apply(web1().With(r.deploys("v2", acctest.Attributes{"on_change": "none"}))).WantNone(t)
	v2 := web1().With(r.deploys("v2"))
	m.Apply(v2).WantNone(t)
	r.wantRuns("web1", "v2", 1)
	wantNoChange(t, m, v2)
	m.Apply(web1().With(r.deploys("v2", acctest.Attributes{"on_change": "none"}))).WantNone(t)
	m.Apply(v2).WantNone(t)
	r.wantRuns("web1", "v2", 1)
}

// TestTriggersAfterDeploy: a restart for a release is none for triggers that
// change later.
func TestTriggersAfterDeploy(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	m.Apply(web1().With(r.deploys("v1")).With(release("1"))).WantNone(t)
	r.release("v2", "v1")
	m.Apply(web1().With(r.deploys("v2")).With(release("1"))).WantNone(t)
	r.wantRuns("web1", "v2", 1)
	if m.Get("restarted_at") == nil {
		t.Error("the time of the restart is not known")
	}
	m.Apply(web1().With(r.deploys("v2")).With(release("2"))).WantNone(t)
	r.wantRuns("web1", "v2", 2)
}

// TestTriggersSetAfterDeploy: a restart for a release is none for triggers that
// were not there yet.
func TestTriggersSetAfterDeploy(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	m.Apply(web1().With(r.deploys("v1"))).WantNone(t)
	r.release("v2", "v1")
	v2 := web1().With(r.deploys("v2"))
	m.Apply(v2).WantNone(t)
	m.Apply(v2.With(release("1"))).WantNone(t)
	wantNoChange(t, m, v2.With(release("1")))
	r.wantRuns("web1", "v2", 1)
	m.Apply(v2.With(release("2"))).WantNone(t)
	r.wantRuns("web1", "v2", 2)
}

// TestDeployCreateFirst: with create_before_destroy the server that is replaced
// has the same name, and its files. The new one is to load its release when it
// boots first, and what the old one has told says nothing of it.
func TestDeployCreateFirst(t *testing.T) {
	t.Parallel()
	for _, wanted := range []string{"v1", "v2"} {
		t.Run(wanted, func(t *testing.T) {
			t.Parallel()
			r := newDeployRig(t)
			s := r.session()
			old := create(t, s, "gogrid_server", web1().With(r.deploys("v1")))
			before := r.told("web1")["started"]
			r.release("v2", "v1")
			s = r.session()
			create(t, s, "gogrid_server", web1().With(acctest.Attributes{"ram": "2GB"}).With(r.deploys(wanted)))
			if r.told("web1")["started"] == before {
				t.Error("it has told nothing")
			}
			_, diagnostics := s.Apply(t.Context(), s.Plan(old, nil))
			diagnostics.WantNone(t)
			r.wantRuns("web1", wanted, 0)
		})
	}
}

// TestDeployNotTwice: an apply was killed when it had deployed, before the state
// was written.
func TestDeployNotTwice(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	m.Apply(web1().With(r.deploys("v1"))).WantNone(t)
	known := m.Object
	r.release("v2", "v1")
	v2 := web1().With(r.deploys("v2"))
	m.Apply(v2).WantNone(t)
	m.Object = known.WithoutPrivate()
	s := r.session()
	made, diagnostics := s.Apply(t.Context(), s.Plan(m.Object, v2)) // without a refresh, which would see it
	diagnostics.WantNone(t)
	if runs(made) != "v2" {
		t.Errorf("the state has %v", runs(made))
	}
	r.wantRuns("web1", "v2", 1)
}

// TestDeployAfterImport does nothing to a server that runs the release.
func TestDeployAfterImport(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	m := r.manage()
	v1 := web1().With(r.deploys("v1"))
	m.Apply(v1).WantNone(t)
	s := r.session()
	object, diagnostics := s.Import("gogrid_server", m.Get("id").(string))
	diagnostics.WantNone(t)
	plan := s.Plan(object, v1)
	if plan.Action() != "update" {
		t.Errorf("%s is planned", plan.Action())
	}
	m.Object, diagnostics = s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	r.wantRuns("web1", "v1", 0)
	wantNoChange(t, m, v1)
}

// TestDeployInterruptedCreate goes on waiting for the release.
func TestDeployInterruptedCreate(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	s := r.session()
	v1 := web1().With(r.deploys("v1"))
	ctx, cancel := context.WithCancel(t.Context())
	r.grid.Before("grid.server.add", func() { r.grid.After("grid.server.list", cancel) })
	object, diagnostics := s.Apply(ctx, s.Plan(s.Absent("gogrid_server"), v1))
	diagnostics.WantWarning(t, "-", "Interrupted while creating")
	diagnostics.Errors().WantNone(t) // one would taint it
	m := r.manage()
	m.Object = object
	m.Apply(v1).Errors().WantNone(t)
	r.wantRuns("web1", "v1", 0)
	wantNoChange(t, m, v1)
}

// TestDeployPlanErrors: what is known at plan, on its attribute.
func TestDeployPlanErrors(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	for name, tc := range map[string]struct {
		config   acctest.Attributes
		at       string
		patterns []string
	}{
		"no channel":           {r.deploys("v1", acctest.Attributes{"channel": nil}), "deploy.channel", []string{"Missing channel", "gogrid_storage_channel"}},
		"no release":           {r.deploys("v1", acctest.Attributes{"release": nil}), "deploy.release", []string{"Missing release", "gogrid_bootstrap_archive"}},
		"channel":              {r.deploys("v1", acctest.Attributes{"channel": "../x"}), "deploy.channel", []string{"letters, digits"}},
		"release":              {r.deploys("v 1"), "deploy.release", []string{"letters, digits"}},
		"group":                {r.deploys("v1", acctest.Attributes{"group": "a/b"}), "deploy.group", []string{"letters, digits"}},
		"on_change":            {r.deploys("v1", acctest.Attributes{"on_change": "reboot"}), "deploy.on_change", []string{"restart.*replace.*none"}},
		"max_unavailable":      {r.deploys("v1", acctest.Attributes{"max_unavailable": 0}), "deploy.max_unavailable", []string{"at least 1"}},
		"port":                 {r.deploys("v1", acctest.Attributes{"health": acctest.Attributes{"tcp_port": 0}}), "deploy.health.tcp_port", []string{"between 1 and 65535"}},
		"URL":                  {r.deploys("v1", acctest.Attributes{"health": acctest.Attributes{"http": "web1"}}), "deploy.health.http", []string{"http or https URL"}},
		"status without URL":   {r.deploys("v1", acctest.Attributes{"health": acctest.Attributes{"status": 200}}), "deploy.health.status", []string{"http"}},
		"body without URL":     {r.deploys("v1", acctest.Attributes{"health": acctest.Attributes{"body": "x"}}), "deploy.health.body", []string{"http"}},
		"status":               {r.deploys("v1", acctest.Attributes{"health": acctest.Attributes{"http": r.url, "status": 42}}), "deploy.health.status", []string{"between 100 and 599"}},
		"timeout":              {r.deploys("v1", acctest.Attributes{"health": acctest.Attributes{"timeout": "soon"}}), "deploy.health.timeout", []string{"duration"}},
		"name of a file":       {r.deploys("v1").With(acctest.Attributes{"name": "web 1"}), "name", []string{"No name for a server with a release", "letters, digits"}},
		"name only a server's": {r.deploys("v1").With(acctest.Attributes{"name": "-web"}), "name", []string{"begin with a letter"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r.manage().Plan(web1().With(tc.config)).Diagnostics.WantError(t, tc.at, tc.patterns...)
		})
	}
	t.Run("no Cloud Storage", func(t *testing.T) {
		t.Parallel()
		r.grid.Manage(t, "gogrid_server").Plan(web1().With(r.deploys("v1"))).Diagnostics.WantError(t, "deploy", "No Cloud Storage to deploy from", "cloud_storage block")
	})
	t.Run("no login to it", func(t *testing.T) {
		t.Parallel()
		r.grid.Manage(t, "gogrid_server", cloudStorage(r.share, acctest.Attributes{"password": "canary-wrong"})).Plan(web1().With(r.deploys("v1"))).
			Diagnostics.WantError(t, "deploy", "password was rejected")
	})
	t.Run("not known yet", func(t *testing.T) {
		t.Parallel()
		r.manage().Plan(web1().With(r.deploys("v1", acctest.Attributes{"release": acctest.Unknown{}, "channel": acctest.Unknown{}}))).Diagnostics.WantNone(t)
	})
	t.Run("a release that the channel does not know", func(t *testing.T) {
		t.Parallel()
		r.manage().Apply(web1().With(r.deploys("v3"))).WantError(t, "deploy.release", `The channel "web" names the release v1, but not v3`, "gogrid_storage_channel")
		if servers := r.grid.Inspect().Servers; len(servers) != 0 {
			t.Errorf("made: %v", servers)
		}
	})
}

// TestDeployment tells which server runs which release.
func TestDeployment(t *testing.T) {
	t.Parallel()
	r := newDeployRig(t)
	for _, name := range []string{"web1", "web2"} {
		r.manage().Apply(web1().With(acctest.Attributes{"name": name}).With(r.deploys("v1"))).WantNone(t)
	}
	got, diagnostics := r.session().ReadData("gogrid_deployment", acctest.Attributes{"group": "web"})
	diagnostics.WantNone(t)
	if got["release"] != "v1" {
		t.Errorf("all run %v", got["release"])
	}
	r.broken["v2"] = true
	r.tell("web2", "v2")
	r.tell("db1", "v3")
	got, diagnostics = r.session().ReadData("gogrid_deployment", acctest.Attributes{})
	diagnostics.WantNone(t)
	if got["release"] != nil {
		t.Errorf("all run %v", got["release"])
	}
	told := func(changes acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{
			"group": "web", "release": "v1", "pinned_release": "v1", "under_way": false, "ok": true, "problem": nil,
			"since": "2026-11-25T10:00:00Z", "told_at": "2026-11-25T10:01:00Z",
		}.With(changes)
	}
	want := []any{
		told(acctest.Attributes{"name": "db1", "group": nil, "release": "v3", "pinned_release": nil, "booted_at": "2026-11-25T10:00:04Z"}),
		told(acctest.Attributes{"name": "web1", "booted_at": "2026-11-25T10:00:01Z"}),
		told(acctest.Attributes{"name": "web2", "ok": false, "problem": "a step of the release v2 failed (step 1, run)", "booted_at": "2026-11-25T10:00:03Z"}),
	}
	if diff := cmp.Diff(want, got["servers"]); diff != "" {
		t.Errorf("the servers (- want, + got):\n%s", diff)
	}
	if diff := cmp.Diff(acctest.Attributes{"v1": []any{"web1", "web2"}, "v3": []any{"db1"}}, got["releases"]); diff != "" {
		t.Errorf("the releases (- want, + got):\n%s", diff)
	}
	_, diagnostics = r.grid.Session(t).ReadData("gogrid_deployment", acctest.Attributes{})
	diagnostics.WantError(t, "-", "no cloud_storage block")
}
