// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// twoAccounts returns a grid with two accounts, twice: grid uses the key of the
// first account, and other uses the key of the second account.
func twoAccounts(t *testing.T) (grid, other *acctest.Grid) {
	t.Helper()
	second := simulator.Key{APIKey: "aaaabbbbccccdddd", SharedSecret: "canary-second-account", Role: simulator.RoleSuper, Account: simulator.DefaultAccount + 1}
	grid = acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Keys = append(o.Keys, second) })
	return grid, grid.As(second)
}

// TestStateOfAnotherAccount uses a state with the key of a different account.
// The refresh and the destroy must fail and keep the object in the state. The
// errors must name the address that the account does not own.
func TestStateOfAnotherAccount(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]acctest.Attributes{
		"gogrid_server":  providertest.Web1(),
		"gogrid_sandbox": {"name": "web1", "image": "centos6.2_64_base"},
	} {
		for _, provider := range []acctest.Attributes{{}, providertest.Deployment()} {
			t.Run(fmt.Sprint(kind, "/", provider["deployment"]), func(t *testing.T) {
				t.Parallel()
				grid, other := twoAccounts(t)
				object := providertest.Create(t, grid.Session(t, provider), kind, config)
				address := object.Get("public_ip")
				servers := len(grid.Inspect().Servers)
				grid.ResetCounters()
				s := other.Session(t, provider)
				read, diagnostics := s.Read(object)
				if !read.Exists() {
					t.Errorf("the refresh removed the object from the state:\n%s", diagnostics)
				}
				if len(diagnostics.Errors()) == 0 {
					t.Errorf("the refresh reports no error:\n%s", diagnostics)
				} else {
					diagnostics.WantError(t, "-", fmt.Sprint(address), "(?i)another (account|grid)|this account")
				}
				s = other.Session(t, provider)
				left, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
				diagnostics.WantError(t, "-", fmt.Sprint(address), "(?i)another account")
				if !left.Exists() || grid.Changes() > 0 || len(grid.Inspect().Servers) != servers {
					t.Errorf("in the state: %t, changes: %d", left.Exists(), grid.Changes())
				}
			})
		}
	}
}

// TestAddressOfAnotherAccount is TestStateOfAnotherAccount for the refresh of a
// private address.
func TestAddressOfAnotherAccount(t *testing.T) {
	t.Parallel()
	for _, config := range []acctest.Attributes{{"label": "web1"}, {"address": "10.110.0.7"}} {
		grid, other := twoAccounts(t)
		object := providertest.Create(t, grid.Session(t, providertest.Deployment()), "gogrid_private_ip", config)
		read, diagnostics := other.Session(t, providertest.Deployment()).Read(object)
		if !read.Exists() {
			t.Errorf("the refresh removed the address from the state:\n%s", diagnostics)
		}
		diagnostics.WantError(t, "-", fmt.Sprint(object.Get("address")), "(?i)another (account|grid)|this account")
	}
}

// onTwoGrids creates an object on one grid. On another grid it creates foreign
// objects outside Terraform, which get the same ids. It returns the other grid.
func onTwoGrids(t *testing.T, addForeign func(other *acctest.Grid), create func(s *acctest.Session) acctest.Object) (*acctest.Grid, acctest.Object) {
	t.Helper()
	other := acctest.NewQuickGrid(t)
	addForeign(other)
	return other, create(acctest.NewQuickGrid(t).Session(t, providertest.Deployment()))
}

// TestStrangerUnderTheID uses a state with another grid, on which a foreign
// object has the same id. The provider must not change or delete the foreign
// object, and the error must describe both objects.
func TestStrangerUnderTheID(t *testing.T) {
	t.Parallel()
	const address = "127.20.0.2"
	for name, tc := range map[string]struct {
		sandbox, name, ip, tag string
		patterns               []string
	}{
		"name":            {"false", "theirs", address, "[deployment/shop]", []string{"web1", "theirs"}},
		"address":         {"false", "web1", "127.20.0.9", "[deployment/shop]", []string{address, "127.20.0.9"}},
		"tag":             {"false", "web1", address, "[deployment/blog]", []string{`deployment "blog"`, `deployment "shop"`}},
		"no tag":          {"false", "web1", address, "", []string{"no tag", `deployment "shop"`}},
		"everything":      {"false", "theirs", "127.20.0.9", "[deployment/blog]", []string{"web1", "theirs", address, "127.20.0.9"}},
		"name, sandbox":   {"true", "theirs", address, "[deployment/shop]", []string{"web1", "theirs"}},
		"tag, of sandbox": {"true", "web1", address, "[deployment/blog]", []string{`deployment "blog"`, `deployment "shop"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, config, change := "gogrid_server", providertest.Web1(), acctest.Attributes{"ram": "2GB"}
			add := []string{"name", tc.name, "image", "12834", "ip", tc.ip, "description", tc.tag}
			if tc.sandbox == "true" {
				kind, config, change = "gogrid_sandbox", acctest.Attributes{"name": "web1", "image": "centos6.2_64_base"}, acctest.Attributes{"description": "new"}
				add = append(add, "isSandbox", "true")
			} else {
				add = append(add, "server.ram", "1GB")
			}
			other, object := onTwoGrids(t, func(other *acctest.Grid) { other.OutsideDone(t, "grid.server.add", add...) },
				func(s *acctest.Session) acctest.Object { return providertest.Create(t, s, kind, config) })
			if id := other.ServerID(t, tc.name); id != object.Get("id") {
				t.Fatalf("the ids differ: %s and %v", id, object.Get("id"))
			}
			before := other.Changes()
			s := other.Session(t, providertest.Deployment())
			read, _ := s.Read(object)
			if !read.Exists() || read.Get("name") != "web1" || read.Get("public_ip") != address {
				t.Errorf("the refresh put the foreign object into the state: %v at %v", read.Get("name"), read.Get("public_ip"))
			}
			for operation, config := range map[string]acctest.Attributes{"delete": nil, "update": config.With(change)} {
				s = other.Session(t, providertest.Deployment())
				plan := s.Plan(object, config)
				diagnostics := plan.Diagnostics
				if len(diagnostics.Errors()) == 0 {
					var left acctest.Object
					left, diagnostics = s.Apply(t.Context(), plan)
					if !left.Exists() {
						t.Errorf("%s: the object is no longer in the state", operation)
					}
				}
				diagnostics.WantError(t, "-", tc.patterns...)
			}
			if changes := other.Changes() - before; changes > 0 {
				t.Errorf("the foreign object was changed: %v", other.Counters())
			}
		})
	}
}

// TestStrangerImageUnderTheID is TestStrangerUnderTheID for the delete of an image.
func TestStrangerImageUnderTheID(t *testing.T) {
	t.Parallel()
	save := func(t *testing.T, grid *acctest.Grid, sandbox, image, tag string) {
		grid.OutsideDone(t, "grid.server.add", "name", sandbox, "image", "12834", "isSandbox", "true", "ip", "127.20.0.2")
		if image != "" {
			grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, sandbox), "friendlyName", image, "description", tag)
		}
	}
	for name, tc := range map[string]struct {
		image, tag string
		seed       uint64 // seed of the other grid; it determines the generated names of images
	}{
		"name":       {"golden 1", "[deployment/shop]", 7},
		"tag":        {"golden 1", "[deployment/blog]", 0},
		"no tag":     {"golden 1", "", 0},
		"everything": {"theirs", "[deployment/blog]", 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid, other := acctest.NewQuickGrid(t), acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Seed = tc.seed })
			save(t, grid, "golden", "", "")
			save(t, other, "golden", tc.image, tc.tag)
			config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}
			object := providertest.Create(t, grid.Session(t, providertest.Deployment()), providertest.ImageType, config)
			if id := fmt.Sprint(other.Images()[0].ID); id != object.Get("id") {
				t.Fatalf("the ids differ: %s and %v", id, object.Get("id"))
			}
			before := other.Changes()
			s := other.Session(t, providertest.Deployment())
			left, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
			if len(diagnostics.Errors()) != 1 || !left.Exists() || other.Changes() > before || len(other.Images()) != 1 {
				t.Errorf("in the state: %t, changes: %d\n%s", left.Exists(), other.Changes()-before, diagnostics)
			}
		})
	}
}

// TestRenamedDeploymentMovesTheTags renames the deployment in the provider
// block. The apply must update the tags in place. Afterwards a state with the
// old deployment name must neither take over nor delete the object.
func TestRenamedDeploymentMovesTheTags(t *testing.T) {
	t.Parallel()
	renamed := acctest.Attributes{"deployment": "shop-production"}
	for kind, config := range map[string]acctest.Attributes{
		"gogrid_server":        providertest.Web1(),
		"gogrid_sandbox":       {"name": "web1", "image": "centos6.2_64_base"},
		providertest.ImageType: {"friendly_name": "golden 1"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			if kind == providertest.ImageType {
				grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.9")
				config = config.With(acctest.Attributes{"sandbox_id": grid.ServerID(t, "golden")})
			}
			object := providertest.Create(t, grid.Session(t, providertest.Deployment()), kind, config)
			s := grid.Session(t, renamed)
			read, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
			plan := s.Plan(read, config)
			if plan.Action() != "update" {
				t.Fatalf("the plan is %s, want an update in place", plan.Action())
			}
			moved, diagnostics := s.Apply(t.Context(), plan)
			diagnostics.WantOK(t)
			if moved.Get("deployment") != "shop-production" || moved.Get("id") != object.Get("id") {
				t.Errorf("the state has deployment %v and id %v, want shop-production and the same id", moved.Get("deployment"), moved.Get("id"))
			}
			for deployment, want := range map[string]int{"shop": 0, "shop-production": 1} {
				tagged, diagnostics := grid.Session(t).ReadData("gogrid_leftovers", acctest.Attributes{"deployment": deployment, "accounted_for": providertest.Tuple()})
				diagnostics.WantNone(t)
				if found := providertest.Strings(tagged["objects"], "id"); len(found) != want {
					t.Errorf("objects tagged with %s: %v, want %d", deployment, found, want)
				}
			}
			s = grid.Session(t, renamed)
			read, diagnostics = s.Read(moved)
			diagnostics.WantNone(t)
			if next := s.Plan(read, config); next.Action() != "no-op" {
				t.Errorf("the next plan is %s, want no-op", next.Action())
			}

			// A second state with the old name must neither take over nor
			// delete the object.
			second := grid.Manage(t, kind, providertest.Deployment())
			second.Apply(config)
			if second.Exists() && second.Get("id") == object.Get("id") {
				t.Error("a state with the old name took over the object")
			}
			s = grid.Session(t, providertest.Deployment())
			read, diagnostics = s.Read(object)
			diagnostics.WantOK(t)
			if len(diagnostics.Warnings()) != 1 || !read.Exists() {
				t.Errorf("want the object in the old state and one warning; in the state: %t\n%s", read.Exists(), diagnostics)
			}
			changes := grid.Changes()
			left, diagnostics := s.Apply(t.Context(), s.Plan(read, nil))
			if len(diagnostics.Errors()) != 1 || !left.Exists() || grid.Changes() != changes {
				t.Errorf("want an error and no delete with the old state; in the state: %t\n%s", left.Exists(), diagnostics)
			}
		})
	}
}
