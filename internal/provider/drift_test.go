// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestGone deletes an object outside Terraform. The refresh removes the object
// from the state, and a destroy planned before the deletion changes nothing.
func TestGone(t *testing.T) {
	t.Parallel()
	for typeName, remove := range map[string]func(*testing.T, *acctest.Grid, string){
		"gogrid_server":      func(t *testing.T, grid *acctest.Grid, id string) { grid.OutsideDone(t, "grid.server.delete", "id", id) },
		"gogrid_sandbox":     func(t *testing.T, grid *acctest.Grid, id string) { grid.OutsideDone(t, "grid.server.delete", "id", id) },
		"gogrid_mygsi_image": func(t *testing.T, grid *acctest.Grid, id string) { grid.OutsideDone(t, "grid.image.delete", "id", id) },
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			grid, ids := providertest.PopulatedGrid(t)
			s := grid.Session(t)
			object, diagnostics := s.Import(typeName, ids[typeName])
			diagnostics.WantNone(t)
			destroying := s.Plan(object, nil)
			remove(t, grid, ids[typeName])

			s = grid.Session(t)
			read, diagnostics := s.Read(object)
			diagnostics.WantOK(t)
			if read.Exists() {
				t.Error("the state still has the deleted object")
			}
			if typeName == "gogrid_mygsi_image" {
				diagnostics.WantWarning(t, "-", `\) is in the trash`, "restore it")
			}

			grid.ResetCounters()
			_, diagnostics = grid.Session(t).Apply(t.Context(), destroying)
			diagnostics.WantNone(t)
			if changes := grid.Changes(); changes > 0 {
				t.Errorf("the destroy of a deleted object changed the grid: %v", grid.Counters())
			}
		})
	}
}

// TestGoneInTheMiddle checks that a destroy succeeds if the object disappears
// after the provider has read it and before the delete call.
func TestGoneInTheMiddle(t *testing.T) {
	t.Parallel()
	for typeName, method := range map[string]string{
		"gogrid_server": "grid.server.delete", "gogrid_sandbox": "grid.server.delete", "gogrid_mygsi_image": "grid.image.delete",
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			grid, ids := providertest.PopulatedGrid(t)
			s := grid.Session(t)
			object, diagnostics := s.Import(typeName, ids[typeName])
			diagnostics.WantNone(t)
			grid.Before(method, func() { grid.OutsideDone(t, method, "id", ids[typeName]) })
			providertest.Destroy(t, s, object)
		})
	}
}

// TestGoneBeforeUpdate checks the advice in the error of an update whose server
// no longer exists.
func TestGoneBeforeUpdate(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	s := grid.Session(t)
	object, _ := s.Import("gogrid_server", ids["gogrid_server"])
	plan := s.Plan(object, populatedConfigs(ids)["gogrid_server"].With(acctest.Attributes{"ram": "2GB"}))
	grid.OutsideDone(t, "grid.server.delete", "id", ids["gogrid_server"])
	_, diagnostics := grid.Session(t).Apply(t.Context(), plan)
	diagnostics.WantError(t, "-", "is no longer on the grid", "plan again")
}

// TestReusedAddress checks that a refresh does not adopt another server that
// got the address of a deleted one.
func TestReusedAddress(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	grid.Advance(time.Hour)
	grid.OutsideDone(t, "grid.server.delete", "name", "web1")
	grid.OutsideDone(t, "grid.server.add", "name", "foreign", "image", "12834", "server.ram", "1GB", "ip", fmt.Sprint(object.Get("public_ip")))
	read, diagnostics := grid.Session(t).Read(object)
	diagnostics.WantNone(t)
	if read.Exists() {
		t.Errorf("the refresh adopted server %v", read.Get("name"))
	}
}

// TestUnfinishedChangeOutside checks that the refresh does not report drift of
// the power state while a change made outside Terraform is still in progress.
func TestUnfinishedChangeOutside(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2")
	id := grid.ServerID(t, "web1")
	server, diagnostics := grid.Session(t).Import("gogrid_server", id)
	diagnostics.WantNone(t)
	for state, change := range map[string][]string{
		"Restarting": {"grid.server.power", "power", "restart"}, "Updating": {"grid.server.edit", "description", ""},
	} {
		grid.Outside(t, change[0], append([]string{"id", id}, change[1:]...)...)
		grid.Advance(10 * time.Second) // the change has begun
		s := grid.Session(t)
		read, diagnostics := s.Read(server)
		diagnostics.WantNone(t)
		if read.Get("state") != state || read.Get("power_state") != "on" {
			t.Errorf("the state of the server is %v and its power state is %v, want %s and on", read.Get("state"), read.Get("power_state"), state)
		}
		if plan := s.Plan(read, providertest.Web1()); plan.Action() != "no-op" {
			t.Errorf("in state %s the plan is %s, want no-op", state, plan.Action())
		}
		grid.Advance(time.Hour)
	}
}

// TestDeploymentRenamed checks that renaming the deployment updates the tags in
// place. If the provider block sets no deployment, existing objects keep their
// tags.
func TestDeploymentRenamed(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.Web1().With(acctest.Attributes{"description": "the shop"})
	server := providertest.Create(t, grid.Session(t, providertest.Deployment()), "gogrid_server", config)
	if got := grid.Server(t, "web1").Description; got != "the shop [deployment/shop]" {
		t.Errorf("the description on the grid is %q, want text and tag", got)
	}
	for deployment, want := range map[any]string{"shop": "no-op", "blog": "update", nil: "no-op"} {
		s := grid.Session(t, acctest.Attributes{"deployment": deployment})
		read, diagnostics := s.Read(server)
		diagnostics.WantNone(t)
		if plan := s.Plan(read, config); plan.Action() != want {
			t.Errorf("with deployment %v the plan is %s, want %s", deployment, plan.Action(), want)
		}
	}
	s := grid.Session(t, acctest.Attributes{"deployment": "blog"})
	server, diagnostics := s.Apply(t.Context(), s.Plan(server, config))
	diagnostics.WantNone(t)
	if got := grid.Server(t, "web1").Description; got != "the shop [deployment/blog]" || server.Get("deployment") != "blog" {
		t.Errorf("the description on the grid is %q, and the state has deployment %v", got, server.Get("deployment"))
	}
	s = grid.Session(t, providertest.Deployment())
	changed, diagnostics := s.Apply(t.Context(), s.Plan(server, config.With(acctest.Attributes{"description": nil})))
	diagnostics.WantNone(t)
	if got := grid.Server(t, "web1").Description; got != "[deployment/shop]" {
		t.Errorf("the description on the grid is %q, want only the deployment tag", got)
	}
	if changed.Get("description") != nil {
		t.Errorf("the description in the state is %v, want null", changed.Get("description"))
	}
}

// TestDescriptions checks that the state records a description exactly as
// configured and that the next plan is empty.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	for _, provider := range []acctest.Attributes{nil, providertest.Deployment()} {
		grid := acctest.NewQuickGrid(t)
		server := grid.Manage(t, "gogrid_server", provider)
		for _, description := range []any{"first", "", nil, "", "a [deployment/blog]", "[deployment/shop]", "two\nlines & <tags> 100%", "ü\u2028", " spaced ", nil} {
			config := providertest.Web1().With(acctest.Attributes{"description": description})
			server.Apply(config).WantOK(t)
			if got := server.Get("description"); got != description {
				t.Errorf("configured description %q: the state has %q", description, got)
			}
			if plan := server.Plan(config); plan.Action() != "no-op" {
				t.Errorf("configured description %q: the next plan is %s, want no-op", description, plan.Action())
			}
		}
		grid.WantCalls(t, "grid.server.add", 1)
	}
}
