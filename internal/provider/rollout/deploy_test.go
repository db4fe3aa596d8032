// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout_test

import (
	"context"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestDeployLife creates a server with a release, deploys another release,
// rolls the server back and destroys it.
func TestDeployLife(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	v1, v2 := providertest.Web1().With(r.Attributes("v1")), providertest.Web1().With(r.Attributes("v2"))
	m.Apply(v1).WantNone(t)
	r.WantRuns("web1", "v1", 0)
	providertest.WantNoChange(t, m, v1)
	id := m.Get("id")

	r.Publish("v2", "v1")
	if plan := m.Plan(v2); plan.Action() != "update" || plan.Planned("deploy").(acctest.Attributes)["release"] != "v2" || providertest.RunningRelease(m) != "v1" {
		t.Errorf("the plan is %s for release %v, want an update to v2; the server runs %v", plan.Action(), plan.Planned("deploy"), providertest.RunningRelease(m))
	}
	m.Apply(v2).WantNone(t)
	r.WantRuns("web1", "v2", 1)
	providertest.WantNoChange(t, m, v2)
	if m.Get("id") != id {
		t.Error("the server was replaced")
	}

	m.Apply(v1).WantNone(t) // the channel still names v1 as the previous release
	r.WantRuns("web1", "v1", 2)
	providertest.WantNoChange(t, m, v1)

	m.Destroy().WantNone(t)
	if files := providertest.ShareFiles(t, r.Share); len(files) != 1 {
		t.Errorf("the destroy left %v, want only the channel", files)
	}
}

// TestDeployFails checks that the first failed deploy in a group stops the
// deploys to the other servers of the group in the same process. These servers
// stay unchanged, and the next apply deploys to all of them.
func TestDeployFails(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	names := []string{"web1", "web2", "web3"}
	config := func(name, release string) acctest.Attributes {
		return providertest.Web1().With(acctest.Attributes{"name": name}).With(r.Attributes(release))
	}
	s := r.Session()
	objects := map[string]acctest.Object{}
	for _, name := range names {
		objects[name] = providertest.Create(t, s, "gogrid_server", config(name, "v1"))
	}
	r.Publish("v2", "v1")
	r.Broken["v2"] = true
	s = r.Session()
	_, diagnostics := s.Apply(t.Context(), s.Plan(objects["web1"], config("web1", "v2")))
	diagnostics.WantError(t, "deploy.release", `Could not update server "web1"`, "could not install the release v2 and has gone back to v1: a step of the release v2 failed .step 1, run.", "left as they are", "previous release")
	r.WantRuns("web1", "v1", 1)
	for _, name := range names[1:] {
		_, diagnostics := s.Apply(t.Context(), s.Plan(objects[name], config(name, "v2")))
		diagnostics.WantError(t, "deploy.release", `Could not update server "`+name, `server "web1" failed: server "web1" could not install`, "was not touched", "continues with web1")
		r.WantRuns(name, "v1", 1)
	}

	r.Broken["v2"] = false
	s = r.Session()
	for _, name := range names {
		object, diagnostics := s.Read(objects[name])
		diagnostics.WantNone(t)
		_, diagnostics = s.Apply(t.Context(), s.Plan(object, config(name, "v2")))
		diagnostics.WantNone(t)
	}
	r.WantRuns("web3", "v2", 4)
}

// TestDeployOnByNow deploys to a server that was switched on after the state
// recorded it as off. The deploy waits for its turn in the group, as for any
// running server.
func TestDeployOnByNow(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	one, two := r.Manage(), r.Manage()
	config := func(name, release string) acctest.Attributes {
		return providertest.Web1().With(acctest.Attributes{"name": name}).With(r.Attributes(release))
	}
	one.Apply(config("web1", "v1").With(acctest.Attributes{"power_state": "off"})).WantNone(t)
	stale := one.Object
	one.Apply(config("web1", "v1")).WantNone(t)
	two.Apply(config("web2", "v1")).WantNone(t)
	r.Publish("v2", "v1")
	r.Broken["v2"] = true
	s := r.Session()
	_, diagnostics := s.Apply(t.Context(), s.Plan(two.Object, config("web2", "v2")))
	diagnostics.WantError(t, "deploy.release", "could not install the release v2")
	_, diagnostics = s.Apply(t.Context(), s.Plan(stale, config("web1", "v2")))
	diagnostics.WantError(t, "deploy.release", "was not touched")
	r.WantRuns("web1", "v1", 1)
}

// TestDeployUnhealthy deploys a release that makes the server fail its health
// check. No other server of the group may be restarted until the release is
// rolled back.
func TestDeployUnhealthy(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	one, two := r.Manage(), r.Manage()
	config := func(name, release string) acctest.Attributes {
		return providertest.Web1().With(acctest.Attributes{"name": name}).With(r.Attributes(release, r.WithoutPatience()))
	}
	one.Apply(config("web1", "v1")).WantNone(t)
	two.Apply(config("web2", "v1")).WantNone(t)
	r.Publish("v2", "v1")
	r.Unhealthy["v2"] = true
	one.Apply(config("web1", "v2")).WantError(t, "deploy.release", `Server "web1" has installed the release v2 but is not healthy`, "answered 503")
	if plan := one.Plan(config("web1", "v2")); plan.Action() != "no-op" || providertest.RunningRelease(one) != "v2" {
		t.Errorf("the next plan is %s, want no-op; the state has release %v, want v2", plan.Action(), providertest.RunningRelease(one))
	}
	two.Apply(config("web2", "v2")).WantError(t, "deploy.max_unavailable", "At most 1 of the servers in group", "web1 .GET http", "answered 503", "was not touched", "-parallelism")
	r.WantRuns("web2", "v1", 1)
	one.Apply(config("web1", "v1")).WantNone(t)
	r.WantRuns("web1", "v1", 2)
	providertest.WantNoChange(t, two, config("web2", "v1"))
}

// TestDeployCreateFirst replaces a server with create_before_destroy. The new
// server has the name and the files of the old server. The new server must load
// its release at its first boot, and the status of the old server must not
// count as the status of the new server.
func TestDeployCreateFirst(t *testing.T) {
	t.Parallel()
	for _, wanted := range []string{"v1", "v2"} {
		t.Run(wanted, func(t *testing.T) {
			t.Parallel()
			r := providertest.NewDeployRig(t)
			s := r.Session()
			old := providertest.Create(t, s, "gogrid_server", providertest.Web1().With(r.Attributes("v1")))
			before := r.Status("web1")["started"]
			r.Publish("v2", "v1")
			s = r.Session()
			_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": "debian_6.0_64_base"}).With(r.Attributes(wanted))))
			diagnostics.WantOK(t)
			if r.Status("web1")["started"] == before {
				t.Error("the new server has not reported its status")
			}
			_, diagnostics = s.Apply(t.Context(), s.Plan(old, nil))
			diagnostics.WantNone(t)
			r.WantRuns("web1", wanted, 0)
		})
	}
}

// TestDeployNotTwice checks that an apply does not deploy again after an apply that
// was killed between the deploy and the write of the state.
func TestDeployNotTwice(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	m.Apply(providertest.Web1().With(r.Attributes("v1"))).WantNone(t)
	known := m.Object
	r.Publish("v2", "v1")
	v2 := providertest.Web1().With(r.Attributes("v2"))
	m.Apply(v2).WantNone(t)
	m.Object = known.WithoutPrivate()
	s := r.Session()
	made, diagnostics := s.Apply(t.Context(), s.Plan(m.Object, v2)) // no refresh, because a refresh would find the release
	diagnostics.WantNone(t)
	if providertest.RunningRelease(made) != "v2" {
		t.Errorf("the state has release %v, want v2", providertest.RunningRelease(made))
	}
	r.WantRuns("web1", "v2", 1)
}

// TestDeployAfterImport checks that the import of a server that already runs
// the wanted release causes no restart.
func TestDeployAfterImport(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	v1 := providertest.Web1().With(r.Attributes("v1"))
	m.Apply(v1).WantNone(t)
	s := r.Session()
	object, diagnostics := s.Import("gogrid_server", m.Get("id").(string))
	diagnostics.WantNone(t)
	plan := s.Plan(object, v1)
	if plan.Action() != "update" {
		t.Errorf("the plan is %s, want update", plan.Action())
	}
	m.Object, diagnostics = s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	r.WantRuns("web1", "v1", 0)
	providertest.WantNoChange(t, m, v1)
}

// TestDeployInterruptedCreate checks that the next apply waits for the release of a
// server whose create was interrupted.
func TestDeployInterruptedCreate(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	s := r.Session()
	v1 := providertest.Web1().With(r.Attributes("v1"))
	ctx, cancel := context.WithCancel(t.Context())
	r.Grid.Before("grid.server.add", func() { r.Grid.After("grid.server.list", cancel) })
	object, diagnostics := s.Apply(ctx, s.Plan(s.Absent("gogrid_server"), v1))
	diagnostics.WantWarning(t, "-", "Interrupted while creating")
	diagnostics.Errors().WantNone(t) // an error would taint the server
	m := r.Manage()
	m.Object = object
	m.Apply(v1).Errors().WantNone(t)
	r.WantRuns("web1", "v1", 0)
	providertest.WantNoChange(t, m, v1)
}

// TestDeployPlanErrors checks that a plan reports mistakes in a deploy block on
// their attributes. It also checks that a release that is missing from the
// channel causes an error before the create.
func TestDeployPlanErrors(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	for name, tc := range map[string]struct {
		config   acctest.Attributes
		at       string
		patterns []string
	}{
		"no channel":           {r.Attributes("v1", acctest.Attributes{"channel": nil}), "deploy.channel", []string{"Missing channel", "gogrid_storage_channel"}},
		"no release":           {r.Attributes("v1", acctest.Attributes{"release": nil}), "deploy.release", []string{"Missing release", "gogrid_bootstrap_archive"}},
		"channel":              {r.Attributes("v1", acctest.Attributes{"channel": "../x"}), "deploy.channel", []string{"letters, digits"}},
		"release":              {r.Attributes("v 1"), "deploy.release", []string{"letters, digits"}},
		"group":                {r.Attributes("v1", acctest.Attributes{"group": "a/b"}), "deploy.group", []string{"letters, digits"}},
		"on_change":            {r.Attributes("v1", acctest.Attributes{"on_change": "reboot"}), "deploy.on_change", []string{"restart.*replace.*none"}},
		"max_unavailable":      {r.Attributes("v1", acctest.Attributes{"max_unavailable": 0}), "deploy.max_unavailable", []string{"at least 1"}},
		"port":                 {r.Attributes("v1", acctest.Attributes{"health": acctest.Attributes{"tcp_port": 0}}), "deploy.health.tcp_port", []string{"between 1 and 65535"}},
		"URL":                  {r.Attributes("v1", acctest.Attributes{"health": acctest.Attributes{"http": "web1"}}), "deploy.health.http", []string{"http or https URL"}},
		"status without URL":   {r.Attributes("v1", acctest.Attributes{"health": acctest.Attributes{"status": 200}}), "deploy.health.status", []string{"http"}},
		"body without URL":     {r.Attributes("v1", acctest.Attributes{"health": acctest.Attributes{"body": "x"}}), "deploy.health.body", []string{"http"}},
		"status":               {r.Attributes("v1", acctest.Attributes{"health": acctest.Attributes{"http": r.URL, "status": 42}}), "deploy.health.status", []string{"between 100 and 599"}},
		"timeout":              {r.Attributes("v1", acctest.Attributes{"health": acctest.Attributes{"timeout": "soon"}}), "deploy.health.timeout", []string{"duration"}},
		"name of a file":       {r.Attributes("v1").With(acctest.Attributes{"name": "web 1"}), "name", []string{"No name for a server with a release", "letters, digits"}},
		"name only a server's": {r.Attributes("v1").With(acctest.Attributes{"name": "-web"}), "name", []string{"begin with a letter"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r.Manage().Plan(providertest.Web1().With(tc.config)).Diagnostics.WantError(t, tc.at, tc.patterns...)
		})
	}
	t.Run("no Cloud Storage", func(t *testing.T) {
		t.Parallel()
		r.Grid.Manage(t, "gogrid_server").Plan(providertest.Web1().With(r.Attributes("v1"))).Diagnostics.WantError(t, "deploy", "No Cloud Storage to deploy from", "cloud_storage block")
	})
	t.Run("no login to it", func(t *testing.T) {
		t.Parallel()
		r.Grid.Manage(t, "gogrid_server", providertest.CloudStorage(r.Share, acctest.Attributes{"password": "canary-wrong"})).Plan(providertest.Web1().With(r.Attributes("v1"))).
			Diagnostics.WantError(t, "deploy", "password was rejected")
	})
	t.Run("not known yet", func(t *testing.T) {
		t.Parallel()
		r.Manage().Plan(providertest.Web1().With(r.Attributes("v1", acctest.Attributes{"release": acctest.Unknown{}, "channel": acctest.Unknown{}}))).Diagnostics.WantNone(t)
	})
	t.Run("a release that the channel does not know", func(t *testing.T) {
		t.Parallel()
		r.Manage().Apply(providertest.Web1().With(r.Attributes("v3"))).WantError(t, "deploy.release", `The channel "web" names the release v1, but not v3`, "gogrid_storage_channel")
		if servers := r.Grid.Inspect().Servers; len(servers) != 0 {
			t.Errorf("the failed apply created %v", servers)
		}
	})
}
