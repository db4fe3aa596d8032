// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// serverConfig returns the configuration of server i, named names[i], or nil if
// the list has no such name. It plays the part of a resource with count =
// length(names).
func serverConfig(names []string, i int) acctest.Attributes {
	if i >= len(names) {
		return nil
	}
	return providertest.Web1().With(acctest.Attributes{"name": names[i]})
}

// TestShiftedNamesPlanInAnyOrder moves names between servers of the state. The
// plan must not fail, in whatever order Terraform plans the servers.
func TestShiftedNamesPlanInAnyOrder(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ before, after []string }{
		"first removed":   {[]string{"a", "b"}, []string{"b"}},
		"swapped":         {[]string{"a", "b"}, []string{"b", "a"}},
		"first inserted":  {[]string{"a", "b"}, []string{"c", "a", "b"}},
		"rotated":         {[]string{"a", "b", "c"}, []string{"c", "a", "b"}},
		"middle removed":  {[]string{"a", "b", "c", "d"}, []string{"a", "c", "d"}},
		"all but one new": {[]string{"a", "b", "c"}, []string{"c", "x", "y"}},
	} {
		for _, provider := range []acctest.Attributes{{}, providertest.Deployment()} {
			t.Run(fmt.Sprint(name, "/", provider["deployment"]), func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t)
				s := grid.Session(t, provider)
				var objects []acctest.Object
				for i := range tc.before {
					objects = append(objects, providertest.Create(t, s, "gogrid_server", serverConfig(tc.before, i)))
				}
				count := max(len(tc.before), len(tc.after))
				random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the order of a test does not need a cryptographic random source
				for order := range 12 {
					planInOrder(t, grid.Session(t, provider), objects, tc.after, random.Perm(count), order%2 == 0)
				}
			})
		}
	}
}

// planInOrder refreshes and plans servers in the given order. If oneAtATime is
// true, planInOrder plans each server right after its refresh. Otherwise it
// refreshes all servers first.
func planInOrder(t *testing.T, s *acctest.Session, objects []acctest.Object, names []string, order []int, oneAtATime bool) {
	t.Helper()
	read := map[int]acctest.Object{}
	refresh := func(i int) {
		read[i] = s.Absent("gogrid_server")
		if i < len(objects) {
			object, diagnostics := s.Read(objects[i])
			diagnostics.WantOK(t)
			read[i] = object
		}
	}
	if !oneAtATime {
		for _, i := range order {
			refresh(i)
		}
	}
	for _, i := range order {
		if oneAtATime {
			refresh(i)
		}
		if config := serverConfig(names, i); config != nil || read[i].Exists() {
			plan := s.Plan(read[i], config)
			plan.Diagnostics.WantOK(t)
			if plan.Action() == "replace" {
				s.Replacement(plan).Diagnostics.WantOK(t)
			}
		}
	}
}

// TestManyShiftedNames plans 30 servers with shifted names in several orders, and
// then destroys the servers.
func TestManyShiftedNames(t *testing.T) {
	t.Parallel()
	const count = 30
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 64 })
	var names []string
	for i := range count {
		names = append(names, fmt.Sprint("web", i))
	}
	s := grid.Session(t)
	var objects []acctest.Object
	for i := range names {
		objects = append(objects, providertest.Create(t, s, "gogrid_server", serverConfig(names, i)))
	}
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the order of a test does not need a cryptographic random source
		planInOrder(t, grid.Session(t), objects, names[1:], random.Perm(count), seed%2 == 0)
	}
	s = grid.Session(t)
	for _, object := range objects {
		plan := s.Plan(object, nil)
		plan.Diagnostics.WantOK(t)
		_, diagnostics := s.Apply(t.Context(), plan)
		diagnostics.WantOK(t)
	}
	providertest.WantLeft(t, grid, 0, 0)
}

// TestTooManyServersStopNoDestroy configures more servers than there are
// addresses. The plan reports a single error in every order, and a destroy
// succeeds.
func TestTooManyServersStopNoDestroy(t *testing.T) {
	t.Parallel()
	for name, destroying := range map[string]bool{"apply": false, "destroy": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const wanted = 30
			grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 16 })
			s := grid.Session(t)
			var objects []acctest.Object
			for i := range 5 {
				objects = append(objects, providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})))
			}
			if destroying {
				grid = grid.Destroying()
			}
			for seed := range uint64(6) {
				s := grid.Session(t)
				var all acctest.Diagnostics
				for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(wanted) { //nolint:gosec // the order of a test does not need a cryptographic random source
					prior := s.Absent("gogrid_server")
					if i < len(objects) {
						read, diagnostics := s.Read(objects[i])
						all = append(all, diagnostics...)
						prior = read
					}
					all = append(all, s.Plan(prior, providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})).Diagnostics...)
				}
				if destroying {
					all.WantOK(t)
				} else {
					all.WantError(t, "public_ip", "Not enough free public addresses")
				}
			}
			s = grid.Session(t)
			for _, object := range objects {
				providertest.Destroy(t, s, object)
			}
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}
