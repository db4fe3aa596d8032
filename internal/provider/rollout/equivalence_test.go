// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestDeployForms checks the action and the number of restarts for each kind of
// change to a deploy block.
func TestDeployForms(t *testing.T) {
	t.Parallel()
	off := acctest.Attributes{"power_state": "off"}
	for name, tc := range map[string]struct {
		before, after func(*providertest.DeployRig) acctest.Attributes
		action        string
		restarts      int
		runs, pinned  any
	}{
		"replace": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1") },
			after: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v2", acctest.Attributes{"on_change": "replace"})
			},
			action: "replace", runs: "v2", pinned: "v2",
		},
		"none": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1") },
			after: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v2", acctest.Attributes{"on_change": "none"})
			},
			action: "update", runs: "v1", pinned: "v2",
		},
		"another group": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1") },
			after: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v1", acctest.Attributes{"group": "blue"})
			},
			action: "update", runs: "v1", pinned: "v1",
		},
		"another health": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1") },
			after:  func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1", r.WithoutPatience()) },
			action: "update", runs: "v1", pinned: "v1",
		},
		"a block for the first time": {
			before: func(*providertest.DeployRig) acctest.Attributes { return nil },
			after:  func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v2") },
			action: "update", restarts: 1, runs: "v2", pinned: "v2",
		},
		"no block any more": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1") },
			after:  func(*providertest.DeployRig) acctest.Attributes { return nil },
			action: "update", runs: "v1", pinned: nil,
		},
		"while it is off": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1").With(off) },
			after:  func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v2").With(off) },
			action: "update", runs: "v1", pinned: "v2",
		},
		"switched on": {
			before: func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v1").With(off) },
			after:  func(r *providertest.DeployRig) acctest.Attributes { return r.Attributes("v2") },
			action: "update", runs: "v2", pinned: "v2",
		},
		"with triggers": {
			before: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v1").With(providertest.ReleaseTriggers("1"))
			},
			after: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v2").With(providertest.ReleaseTriggers("2"))
			},
			action: "update", restarts: 1, runs: "v2", pinned: "v2",
		},
		"triggers alone": {
			before: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v1").With(providertest.ReleaseTriggers("1"))
			},
			after: func(r *providertest.DeployRig) acctest.Attributes {
				return r.Attributes("v1").With(providertest.ReleaseTriggers("2"))
			},
			action: "update", restarts: 1, runs: "v1", pinned: "v1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := providertest.NewDeployRig(t)
			m := r.Manage()
			m.Apply(providertest.Web1().With(tc.before(r))).WantNone(t)
			r.Publish("v2", "v1")
			config := providertest.Web1().With(tc.after(r))
			if plan := m.Plan(config); plan.Action() != tc.action {
				t.Errorf("the plan is %s, want %s", plan.Action(), tc.action)
			}
			m.Apply(config).WantNone(t)
			if got := r.Grid.Jobs("RestartVirtualServer"); got != tc.restarts {
				t.Errorf("there were %d restarts, want %d", got, tc.restarts)
			}
			if ran, pinned := r.Status("web1")["release"], r.Pin("web1")["release"]; ran != tc.runs && tc.before(r) != nil || pinned != tc.pinned {
				t.Errorf("the server runs %v and is pinned to %v, want %v and %v", ran, pinned, tc.runs, tc.pinned)
			}
			providertest.WantNoChange(t, m, config)
		})
	}
}

// TestDeployCatchesUp uses a server with a pending release, which on_change
// "none" left for the next boot. The provider must restart the server once
// on_change asks for a restart.
func TestDeployCatchesUp(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	m.Apply(providertest.Web1().With(r.Attributes("v1"))).WantNone(t)
	r.Publish("v2", "v1")
	m.Apply(providertest.Web1().With(r.Attributes("v2", acctest.Attributes{"on_change": "none"}))).WantNone(t)
	v2 := providertest.Web1().With(r.Attributes("v2"))
	m.Apply(v2).WantNone(t)
	r.WantRuns("web1", "v2", 1)
	providertest.WantNoChange(t, m, v2)
	m.Apply(providertest.Web1().With(r.Attributes("v2", acctest.Attributes{"on_change": "none"}))).WantNone(t)
	m.Apply(v2).WantNone(t)
	r.WantRuns("web1", "v2", 1)
}

// TestTriggersAfterDeploy checks that triggers which change after a deploy
// restart the server again, because the restart of the deploy does not count
// for the triggers.
func TestTriggersAfterDeploy(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	m.Apply(providertest.Web1().With(r.Attributes("v1")).With(providertest.ReleaseTriggers("1"))).WantNone(t)
	r.Publish("v2", "v1")
	m.Apply(providertest.Web1().With(r.Attributes("v2")).With(providertest.ReleaseTriggers("1"))).WantNone(t)
	r.WantRuns("web1", "v2", 1)
	if m.Get("restarted_at") == nil {
		t.Error("restarted_at is not set after a restart")
	}
	m.Apply(providertest.Web1().With(r.Attributes("v2")).With(providertest.ReleaseTriggers("2"))).WantNone(t)
	r.WantRuns("web1", "v2", 2)
}

// TestTriggersSetAfterDeploy checks that triggers which are set for the first
// time after a deploy do not restart the server, and that a later change of the
// triggers does.
func TestTriggersSetAfterDeploy(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	m.Apply(providertest.Web1().With(r.Attributes("v1"))).WantNone(t)
	r.Publish("v2", "v1")
	v2 := providertest.Web1().With(r.Attributes("v2"))
	m.Apply(v2).WantNone(t)
	m.Apply(v2.With(providertest.ReleaseTriggers("1"))).WantNone(t)
	providertest.WantNoChange(t, m, v2.With(providertest.ReleaseTriggers("1")))
	r.WantRuns("web1", "v2", 1)
	m.Apply(v2.With(providertest.ReleaseTriggers("2"))).WantNone(t)
	r.WantRuns("web1", "v2", 2)
}
