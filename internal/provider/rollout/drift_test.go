// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestDeployDrift checks that the plan shows a change if a server runs a
// different release from the one in the state. A missing or unreadable status
// must not cause a change.
func TestDeployDrift(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	v1 := providertest.Web1().With(r.Attributes("v1"))
	m.Apply(v1).WantNone(t)
	r.Report("web1", "v0")
	if plan := m.Plan(v1); plan.Action() != "update" || providertest.RunningRelease(m) != "v0" {
		t.Errorf("the plan is %s, want update; the state has release %v", plan.Action(), providertest.RunningRelease(m))
	}
	m.Apply(v1).WantNone(t)
	r.WantRuns("web1", "v1", 1)

	r.Put("status/web1.json", `{"result": "failed", "release": "", "started": "now"}`)
	if plan := m.Plan(v1); plan.Action() != "update" || providertest.RunningRelease(m) != nil {
		t.Errorf("the plan is %s, want update; the state has release %v", plan.Action(), providertest.RunningRelease(m))
	}
	m.Apply(v1).WantNone(t)
	r.WantRuns("web1", "v1", 2)

	r.Put("status/web1.json", `half a sta`)
	providertest.WantNoChange(t, m, v1)
	if err := os.Remove(filepath.Join(r.Share.Dir, "status", "web1.json")); err != nil {
		t.Fatal(err)
	}
	providertest.WantNoChange(t, m, v1)

	r.Report("web1", "v0")
	r.Put("servers/web1.json", "{}")
	if plan := m.Plan(v1); plan.Action() != "update" || providertest.RunningRelease(m) != "v0" {
		t.Errorf("the plan is %s, want update; the state has release %v", plan.Action(), providertest.RunningRelease(m))
	}
}

// TestDeployLeftOff checks that an apply completes the interrupted turn of an
// earlier apply, whether it wants the new release or goes back to the old
// release.
func TestDeployLeftOff(t *testing.T) {
	t.Parallel()
	open := acctest.Attributes{"turn": "restart", "turn_status": "2026-11-25T10:00:01Z"}
	for name, tc := range map[string]struct {
		pin    acctest.Attributes
		loaded bool
		// back and forward count the restarts that the next apply needs to go
		// back to v1 or on to v2.
		back, forward int
	}{
		"before the restart": {open, false, 0, 1},
		"after the report":   {open, true, 1, 0},
		"in silence":         {acctest.Attributes{}, false, 0, 1},
	} {
		for wanted, restarts := range map[string]int{"v1": tc.back, "v2": tc.forward} {
			t.Run(name+", "+wanted, func(t *testing.T) {
				t.Parallel()
				r := providertest.NewDeployRig(t)
				m := r.Manage()
				m.Apply(providertest.Web1().With(r.Attributes("v1"))).WantNone(t)
				r.Publish("v2", "v1")
				r.Repin("web1", "v2", tc.pin)
				if tc.loaded {
					r.Report("web1", "v2")
				}
				config := providertest.Web1().With(r.Attributes(wanted))
				if plan := m.Plan(config); plan.Action() != "update" {
					t.Errorf("the plan is %s, want update", plan.Action())
				}
				m.Apply(config).WantNone(t)
				r.WantRuns("web1", wanted, restarts)
				providertest.WantNoChange(t, m, config)
			})
		}
	}
}

// TestDeployHugeFiles checks that the provider ignores a file that is too large
// to be a server's file, and that such a file does not stop a plan or an apply.
func TestDeployHugeFiles(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	v1, v2 := providertest.Web1().With(r.Attributes("v1")), providertest.Web1().With(r.Attributes("v2"))
	m.Apply(v1).WantNone(t)
	huge := `{"release": "v0", "x": "` + strings.Repeat("x", 1<<20) + `"}`
	r.Put("servers/stranger.json", huge)
	r.Put("status/stranger.json", huge)
	r.Put("status/web1.json", huge)
	providertest.WantNoChange(t, m, v1)
	r.Publish("v2", "v1")
	m.Apply(v2).WantNone(t)
	r.WantRuns("web1", "v2", 1)
	_, diagnostics := r.Session().ReadData("gogrid_deployment", acctest.Attributes{})
	diagnostics.WantNone(t)
}

// TestDeployOutage checks that, while Cloud Storage is down, a plan succeeds
// with a warning, a deploy fails, and a destroy deletes the server.
func TestDeployOutage(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	v1 := providertest.Web1().With(r.Attributes("v1"))
	m.Apply(v1).WantNone(t)
	r.Share.Stop()
	plan := m.Plan(v1)
	plan.Diagnostics.WantWarning(t, "deploy.release", "Not known which releases servers run", "refused", "kept as it is")
	if plan.Action() != "no-op" {
		t.Errorf("the plan is %s, want no-op", plan.Action())
	}
	plan = m.Plan(providertest.Web1().With(r.Attributes("v2")))
	plan.Diagnostics.Errors().WantNone(t)
	plan.Diagnostics.WantWarning(t, "deploy.release", "Not known which releases servers run")
	r.Manage().Plan(providertest.Web1().With(acctest.Attributes{"name": "web2"}).With(r.Attributes("v1"))).Diagnostics.WantWarning(t, "deploy", "Cloud Storage cannot be reached", "which will fail unless")
	m.Apply(providertest.Web1().With(r.Attributes("v2"))).Errors().WantError(t, "-", `Could not update server "web1"`, "refused")
	m.Destroy()[1:].WantWarning(t, "-", "Left files of the server", "The server is gone")
	if servers := r.Grid.Inspect().Servers; len(servers) != 0 {
		t.Errorf("the destroy left %v", servers)
	}
}
