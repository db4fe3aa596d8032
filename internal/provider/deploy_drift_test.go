// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

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
