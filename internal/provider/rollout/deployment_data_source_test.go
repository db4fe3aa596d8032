// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestDeployment checks that gogrid_deployment returns the release and the status of
// each server.
func TestDeployment(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	for _, name := range []string{"web1", "web2"} {
		r.Manage().Apply(providertest.Web1().With(acctest.Attributes{"name": name}).With(r.Attributes("v1"))).WantNone(t)
	}
	got, diagnostics := r.Session().ReadData("gogrid_deployment", acctest.Attributes{"group": "web"})
	diagnostics.WantNone(t)
	if got["release"] != "v1" {
		t.Errorf("the common release is %v, want v1", got["release"])
	}
	r.Broken["v2"] = true
	r.Report("web2", "v2")
	r.Report("db1", "v3")
	got, diagnostics = r.Session().ReadData("gogrid_deployment", acctest.Attributes{})
	diagnostics.WantNone(t)
	if got["release"] != nil {
		t.Errorf("the common release is %v, want null", got["release"])
	}
	serverStatus := func(changes acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{
			"group": "web", "release": "v1", "pinned_release": "v1", "under_way": false, "ok": true, "problem": nil,
			"since": "2026-11-25T10:00:00Z", "told_at": "2026-11-25T10:01:00Z",
		}.With(changes)
	}
	want := []any{
		serverStatus(acctest.Attributes{"name": "db1", "group": nil, "release": "v3", "pinned_release": nil, "booted_at": "2026-11-25T10:00:04Z"}),
		serverStatus(acctest.Attributes{"name": "web1", "booted_at": "2026-11-25T10:00:01Z"}),
		serverStatus(acctest.Attributes{"name": "web2", "ok": false, "problem": "a step of the release v2 failed (step 1, run)", "booted_at": "2026-11-25T10:00:03Z"}),
	}
	if diff := cmp.Diff(want, got["servers"]); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(acctest.Attributes{"v1": []any{"web1", "web2"}, "v3": []any{"db1"}}, got["releases"]); diff != "" {
		t.Errorf("releases (-want +got):\n%s", diff)
	}
	_, diagnostics = r.Grid.Session(t).ReadData("gogrid_deployment", acctest.Attributes{})
	diagnostics.WantError(t, "-", "no cloud_storage block")
}
