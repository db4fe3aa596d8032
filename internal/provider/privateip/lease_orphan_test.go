// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

const claimType = "gogrid_private_ip"

// killedClaims creates claims in one apply and discards their state, as a killed apply
// does. It returns the sorted addresses.
func killedClaims(t *testing.T, s *acctest.Session, configs ...acctest.Attributes) []string {
	t.Helper()
	var (
		group     sync.WaitGroup
		mu        sync.Mutex
		addresses []string
	)
	for _, config := range configs {
		plan := s.Plan(s.Absent(claimType), config)
		plan.Diagnostics.WantNone(t)
		group.Go(func() {
			made, diagnostics := s.Apply(t.Context(), plan)
			diagnostics.WantOK(t)
			mu.Lock()
			defer mu.Unlock()
			addresses = append(addresses, fmt.Sprint(made.Get("address")))
		})
	}
	group.Wait()
	slices.Sort(addresses)
	return addresses
}

// TestLeasesOfKilledClaims kills several applies in a row, each with six
// claims. Each further apply must get the same addresses and leases, and a
// destroy must leave no lease.
func TestLeasesOfKilledClaims(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(i int) acctest.Attributes{
		"fixed": func(i int) acctest.Attributes { return acctest.Attributes{"address": fmt.Sprintf("10.110.0.%d", 4+i)} },
		"fixed, labelled": func(i int) acctest.Attributes {
			return acctest.Attributes{"address": fmt.Sprintf("10.110.0.%d", 4+i), "label": fmt.Sprint("web", i)}
		},
		"chosen":           func(int) acctest.Attributes { return acctest.Attributes{} },
		"chosen, labelled": func(i int) acctest.Attributes { return acctest.Attributes{"label": fmt.Sprint("web", i)} },
		"chosen, in range": func(int) acctest.Attributes { return acctest.Attributes{"range": "10.110.0.0/28"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
			block := providertest.CloudStorage(server).With(acctest.Attributes{"deployment": "shop"})
			var configs []acctest.Attributes
			for i := range 6 {
				configs = append(configs, config(i))
			}
			first := killedClaims(t, grid.Session(t, block), configs...)
			for range 3 { // 18 more claims; the block has only 13 addresses
				if again := killedClaims(t, grid.Session(t, block), configs...); !slices.Equal(again, first) {
					t.Fatalf("after the kill the addresses are %v, want %v", again, first)
				}
			}
			if files := providertest.ShareFiles(t, server); len(files) != 6 {
				t.Errorf("the share holds %v, want six leases", files)
			}
			for _, config := range configs {
				m := grid.Manage(t, claimType, block)
				m.Apply(config).WantWarning(t, "-", "Took over the lease of", "interrupted")
				if m.Get("deployment") != "shop" {
					t.Errorf("the state has %v as owner of the lease, want shop", m.Get("deployment"))
				}
				providertest.WantNoChange(t, m, config)
				m.Destroy().WantNone(t)
			}
			if files := providertest.ShareFiles(t, server); len(files) > 0 {
				t.Errorf("the destroy left %v", files)
			}
		})
	}
}

// TestLeaseThatIsNotLeft checks that a claim does not take over a lease of its own
// deployment that a concurrent process has taken, that has another label, or whose
// address a server uses.
func TestLeaseThatIsNotLeft(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	block := providertest.CloudStorage(server).With(acctest.Attributes{"deployment": "shop"})
	ours, beside := grid.Session(t, block), grid.Session(t, block)
	fixed := acctest.Attributes{"address": "10.110.0.5", "label": "db"}
	providertest.Create(t, ours, claimType, fixed)
	_, diagnostics := beside.Apply(t.Context(), beside.Plan(beside.Absent(claimType), fixed))
	diagnostics.WantError(t, "address", "10.110.0.5 is leased", `deployment "shop" for "db"`)
	taken := providertest.Create(t, ours, claimType, acctest.Attributes{})
	other := providertest.Create(t, beside, claimType, acctest.Attributes{})
	if taken.Get("address") == other.Get("address") {
		t.Errorf("two concurrent processes have claimed %v", taken.Get("address"))
	}

	s := grid.Session(t, block)
	_, diagnostics = s.Apply(t.Context(), s.Plan(s.Absent(claimType), fixed.With(acctest.Attributes{"label": "web"})))
	diagnostics.WantError(t, "address", "10.110.0.5 is leased", `for "db"`)

	s = grid.Session(t, block)
	plan := s.Plan(s.Absent(claimType), fixed)
	plan.Diagnostics.WantNone(t)
	grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2", "privateip", "10.110.0.5")
	_, diagnostics = s.Apply(t.Context(), plan)
	if len(diagnostics.Errors()) == 0 {
		t.Error("the claim got an address that a server uses")
	}
}

// TestLeaseOfARename renames a claim without a moved block. The lease must
// exist afterwards, whether the create or the delete runs first or both run at
// once.
func TestLeaseOfARename(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"create delete", "delete create", "at once"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
			block := providertest.CloudStorage(server).With(acctest.Attributes{"deployment": "shop"})
			config := acctest.Attributes{"address": "10.110.0.5", "label": "db"}
			old := providertest.Create(t, grid.Session(t, block), claimType, config)
			s := grid.Session(t, block)
			calls := map[string]func(){
				"create": func() {
					_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent(claimType), config))
					diagnostics.WantOK(t)
				},
				"delete": func() {
					_, diagnostics := s.Apply(t.Context(), s.Plan(old, nil))
					diagnostics.WantOK(t)
				},
			}
			if order == "at once" {
				var group sync.WaitGroup
				for _, call := range calls {
					group.Go(call)
				}
				group.Wait()
			} else {
				for _, call := range strings.Fields(order) {
					calls[call]()
				}
			}
			if files := providertest.ShareFiles(t, server); len(files) != 1 {
				t.Errorf("the share holds %v, want one lease", files)
			}
		})
	}
}

// TestRenamedDeployment renames a deployment. An update in place writes the new owner
// into the lease, and a destroy under any later name releases the lease.
func TestRenamedDeployment(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	block := func(deployment string) acctest.Attributes {
		return providertest.CloudStorage(server).With(acctest.Attributes{"deployment": deployment})
	}
	config := acctest.Attributes{"address": "10.110.0.5", "label": "db"}
	object := providertest.Create(t, grid.Session(t, block("shop")), claimType, config)
	lease := func() string { return providertest.ShareFiles(t, server)["leases/private-ip/10.110.0.5.json"] }

	update := func(deployment string, config acctest.Attributes) {
		t.Helper()
		s := grid.Session(t, block(deployment))
		read, diagnostics := s.Read(object)
		diagnostics.WantNone(t)
		plan := s.Plan(read, config)
		plan.Diagnostics.WantNone(t)
		if plan.Action() != "update" || plan.Planned("deployment") != deployment {
			t.Fatalf("the plan is %s with deployment %v, want update with %s", plan.Action(), plan.Planned("deployment"), deployment)
		}
		s = grid.Session(t, block(deployment))
		if object, diagnostics = s.Apply(t.Context(), plan); len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		s = grid.Session(t, block(deployment))
		if plan := s.Plan(object, config); plan.Action() != "no-op" {
			t.Errorf("after the update the plan is %s, want no-op", plan.Action())
		}
	}
	update("shop-production", config)
	if !strings.Contains(lease(), `"owner":"shop-production","label":"db"`) {
		t.Errorf("the lease holds %s, want the new owner and label", lease())
	}
	config["label"] = "database"
	update("shop-production", config)
	if !strings.Contains(lease(), `"owner":"shop-production","label":"database"`) {
		t.Errorf("the lease holds %s, want the new owner and label", lease())
	}
	// A destroy under another deployment name succeeds without an earlier
	// update.
	s := grid.Session(t, block("store"))
	providertest.Destroy(t, s, object)
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("the destroy left %v", files)
	}
}

// TestStateOfAnEarlierRelease uses a state without the owner of a lease, as earlier
// releases of the provider wrote it. The plan is a no-op. A destroy releases the lease
// under the name of the deployment that owns it, and only under that name.
func TestStateOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	config := acctest.Attributes{"address": "10.110.0.5"}
	object := providertest.Create(t, grid.Session(t), claimType, config) // without Cloud Storage the state has no owner
	leaseOf(t, server, "10.110.0.5", "shop", time.Hour)
	for _, deployment := range []string{"shop", "store"} {
		s := grid.Session(t, providertest.CloudStorage(server), acctest.Attributes{"deployment": deployment})
		if plan := s.Plan(object, config); plan.Action() != "no-op" {
			t.Errorf("in deployment %s the plan is %s, want no-op", deployment, plan.Action())
		}
	}
	s := grid.Session(t, providertest.CloudStorage(server), acctest.Attributes{"deployment": "store"})
	_, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
	diagnostics.WantWarning(t, "-", "lease of 10.110.0.5 is not ours", `deployment "shop"`)
	s = grid.Session(t, providertest.CloudStorage(server), acctest.Attributes{"deployment": "shop"})
	providertest.Destroy(t, s, object)
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("the destroy left %v", files)
	}
}

// TestImportedLease checks that an import records the lease of an address if
// the lease belongs to the importing deployment, but not if it belongs to
// another deployment.
func TestImportedLease(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	block := providertest.CloudStorage(server).With(acctest.Attributes{"deployment": "shop"})
	providertest.Create(t, grid.Session(t, block), claimType, acctest.Attributes{"address": "10.110.0.5"})
	for deployment, want := range map[string]any{"shop": "shop", "blog": nil} {
		s := grid.Session(t, block, acctest.Attributes{"deployment": deployment})
		imported, diagnostics := s.Import(claimType, "10.110.0.5")
		diagnostics.WantNone(t)
		if imported.Get("deployment") != want {
			t.Errorf("in deployment %s the owner is %v, want %v", deployment, imported.Get("deployment"), want)
		}
	}
}

// TestEmptyLeaseOfAnEarlierRelease checks that a claim takes over an empty lease file
// once it is old enough. Earlier releases left such a file when they were killed.
func TestEmptyLeaseOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	providertest.PutFile(t, server, "leases/private-ip/10.110.0.5.json", "")
	config := acctest.Attributes{"address": "10.110.0.5"}
	m := grid.Manage(t, claimType, expiring(server), acctest.Attributes{"deployment": "shop"})
	m.Apply(config).WantError(t, "address", "10.110.0.5 is leased")
	old := time.Now().Add(-100 * time.Hour)
	if err := os.Chtimes(filepath.Join(server.Dir, "leases", "private-ip", "10.110.0.5.json"), old, old); err != nil {
		t.Fatal(err)
	}
	m.Apply(config).WantWarning(t, "-", "Took over the lease of 10.110.0.5", "leases_expire_after")
	m.Destroy().WantNone(t)
}

// TestServerGoesDuringItsClaim claims the address of a server of the same
// deployment while the same process deletes that server. The warning must name
// the server that the claim found.
func TestServerGoesDuringItsClaim(t *testing.T) {
	t.Parallel()
	grid, storage := acctest.NewQuickGrid(t), storagetest.Start(t)
	block := providertest.CloudStorage(storage).With(providertest.Deployment())
	server := grid.Manage(t, "gogrid_server", block)
	server.Apply(providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.5"})).WantOK(t)

	s := grid.Session(t, block)
	claim := s.Plan(s.Absent(claimType), acctest.Attributes{"address": "10.110.0.5"})
	deletion := s.Plan(server.Object, nil)
	var once sync.Once
	storage.OnFile(func(string, string) error {
		once.Do(func() {
			_, diagnostics := s.Apply(t.Context(), deletion)
			diagnostics.WantOK(t)
		})
		return nil
	})
	made, diagnostics := s.Apply(t.Context(), claim)
	diagnostics.WantWarning(t, "-", "Took over address 10.110.0.5", `Server "web1"`)
	if made.Get("address") != "10.110.0.5" {
		t.Errorf("the claim has %v, want 10.110.0.5", made.Get("address"))
	}
}
