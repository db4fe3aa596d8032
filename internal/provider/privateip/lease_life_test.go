// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestLeasesOfTwoStates claims a hundred addresses in each of two states at the
// same time. Only the leases coordinate the states. All two hundred addresses
// must be different.
func TestLeasesOfTwoStates(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PrivateBlockSize = 256 })
	server := storagetest.Start(t)
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		got   = map[any]string{}
	)
	for _, deployment := range []string{"shop", "blog"} {
		s := grid.Session(t, providertest.CloudStorage(server), acctest.Attributes{"deployment": deployment})
		for worker := range 5 { // the number of concurrent claims per state
			group.Go(func() {
				for i := range 20 {
					label := fmt.Sprintf("%s-%d-%d", deployment, worker, i)
					plan := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"label": label, "datacenter": "US-West-1"})
					made, diagnostics := s.Apply(t.Context(), plan)
					if len(diagnostics) > 0 {
						t.Errorf("%s: %s", label, diagnostics)
						return
					}
					mu.Lock()
					if other, taken := got[made.Get("address")]; taken {
						t.Errorf("%v was claimed by %s and by %s", made.Get("address"), other, label)
					}
					got[made.Get("address")] = label
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	if len(got) != 200 {
		t.Errorf("got %d addresses, want 200", len(got))
	}
	if files := providertest.ShareFiles(t, server); len(files) != 200 {
		t.Errorf("the share holds %d leases, want 200", len(files))
	}
}

// TestLeaseLife checks that a claim takes a lease, that other deployments respect the
// lease, and that a destroy releases it.
func TestLeaseLife(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	manage := func(deployment string) *acctest.Managed {
		return grid.Manage(t, "gogrid_private_ip", providertest.CloudStorage(server), acctest.Attributes{"deployment": deployment})
	}
	ours, theirs := manage("shop"), manage("blog")
	config := acctest.Attributes{"address": "10.110.0.5", "label": "db"}
	ours.Apply(config).WantNone(t)
	lease := filepath.Join(server.Dir, "leases", "private-ip", "10.110.0.5.json")
	text, err := os.ReadFile(lease)
	if err != nil || !strings.Contains(string(text), `"owner":"shop"`) || !strings.Contains(string(text), `"label":"db"`) {
		t.Errorf("the lease holds %q (error %v), want owner shop and label db", text, err)
	}
	theirs.Apply(config).WantError(t, "address", "10.110.0.5 is leased", `deployment "shop" for "db"`, "remove the file leases/private-ip/10.110.0.5.json")
	theirs.Apply(acctest.Attributes{"range": "10.110.0.4/30"}).WantNone(t)
	if theirs.Get("address") != "10.110.0.4" {
		t.Errorf("the second deployment has %v, want 10.110.0.4", theirs.Get("address"))
	}
	another := manage("news")
	another.Apply(acctest.Attributes{"range": "10.110.0.4/30"}).WantNone(t)
	if another.Get("address") != "10.110.0.6" {
		t.Errorf("the third deployment has %v, want 10.110.0.6 because 10.110.0.5 is leased", another.Get("address"))
	}

	ours.Destroy().WantNone(t)
	if _, err := os.Stat(lease); err == nil {
		t.Error("the destroy did not release the lease")
	}
	theirs.Destroy().WantNone(t)
	theirs.Apply(config).WantNone(t)

	// The lease was released by hand, and another deployment has taken it.
	providertest.WriteText(t, lease, `{"address":"10.110.0.5","owner":"news","since":"2026-11-25T10:00:00Z"}`)
	theirs.Destroy().WantWarning(t, "-", "lease of 10.110.0.5 is not ours", `deployment "news"`)
	if _, err := os.Stat(lease); err != nil {
		t.Error("the destroy removed the lease of another deployment")
	}

	server.Stop()
	manage("shop").Apply(acctest.Attributes{"address": "10.110.0.9"}).WantError(t, "address", "get an address", "cannot be reached")
}

// TestLeaseOfWhatGoes creates one claim and destroys another in one apply. The
// new claim must not get the address of the old claim, and the destroy must
// release the lease of the old claim.
func TestLeaseOfWhatGoes(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	old := grid.Manage(t, "gogrid_private_ip", providertest.CloudStorage(server))
	old.Apply(acctest.Attributes{"label": "old"}).WantNone(t)
	s := grid.Session(t, providertest.CloudStorage(server))
	made, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"label": "new"}))
	diagnostics.WantNone(t)
	if made.Get("address") == old.Get("address") {
		t.Errorf("the new and the old claim both have %v", made.Get("address"))
	}
	_, diagnostics = s.Apply(t.Context(), s.Plan(old.Object, nil))
	diagnostics.WantNone(t)
	files := providertest.ShareFiles(t, server)
	if _, ok := files[fmt.Sprintf("leases/private-ip/%v.json", made.Get("address"))]; !ok || len(files) != 1 {
		t.Errorf("the leases are %v, want only the lease of %v", files, made.Get("address"))
	}
}

// leaseOf writes a lease that its owner has held for the given time. It returns the
// path of the file.
func leaseOf(t *testing.T, server *storagetest.Server, address, owner string, age time.Duration) string {
	t.Helper()
	at := filepath.Join(server.Dir, "leases", "private-ip", address+".json")
	since := time.Now().Add(-age)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	providertest.WriteText(t, at, fmt.Sprintf(`{"address":%q,"owner":%q,"label":"db","since":%q}`, address, owner, since.UTC().Format(time.RFC3339)))
	if err := os.Chtimes(at, since, since); err != nil {
		t.Fatal(err)
	}
	return at
}

// expiring returns a provider block that lets leases expire after 72 hours.
func expiring(server *storagetest.Server) acctest.Attributes {
	return providertest.CloudStorage(server, acctest.Attributes{"leases_expire_after": "72h"})
}

// TestExpiredLeaseIsTakenOver checks that a claim takes over a lease only if
// leases_expire_after is set, the lease is old enough, and no server has the address.
func TestExpiredLeaseIsTakenOver(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	young := leaseOf(t, server, "10.110.0.4", "blog", 71*time.Hour)
	old := leaseOf(t, server, "10.110.0.5", "blog", 100*time.Hour)
	ours := acctest.Attributes{"deployment": "shop"}
	claims := func(block acctest.Attributes) *acctest.Managed {
		return grid.Manage(t, "gogrid_private_ip", block, ours)
	}
	config := acctest.Attributes{"address": "10.110.0.5", "label": "web"}
	claims(providertest.CloudStorage(server)).Apply(config).WantError(t, "address", "leased", `deployment "blog" for "db", for 100h`, "leases_expire_after")
	claims(expiring(server)).Apply(acctest.Attributes{"address": "10.110.0.4"}).WantError(t, "address", "leased", `deployment "blog"`)

	// The address of the old lease is the lowest address in the range that can
	// be claimed.
	first := claims(expiring(server))
	first.Apply(acctest.Attributes{"range": "10.110.0.4/30", "label": "web"}).
		WantWarning(t, "-", "Took over the lease of 10.110.0.5", `deployment "blog" for "db", for 100h`, "no server has the address")
	if first.Get("address") != "10.110.0.5" {
		t.Errorf("the claim has %v, want 10.110.0.5", first.Get("address"))
	}
	files := providertest.ShareFiles(t, server)
	if text := files["leases/private-ip/10.110.0.5.json"]; len(files) != 2 || !strings.Contains(text, `"owner":"shop"`) {
		t.Errorf("the share holds %v, want two leases, 10.110.0.5 owned by shop", files)
	}
	first.Destroy().WantNone(t)
	wantNoFile(t, old)

	// The lease of an address in use by a server is never taken over.
	used := leaseOf(t, server, "10.110.0.6", "blog", 100*time.Hour)
	grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2", "privateip", "10.110.0.6")
	leaseOf(t, server, "10.110.0.5", "blog", 71*time.Hour)
	leaseOf(t, server, "10.110.0.7", "blog", 71*time.Hour)
	claims(expiring(server)).Apply(acctest.Attributes{"address": "10.110.0.6"}).WantError(t, "address", "10.110.0.6 is taken", "theirs")
	claims(expiring(server)).Apply(acctest.Attributes{"range": "10.110.0.4/30"}).
		WantError(t, "address", "All 4 private addresses in 10.110.0.4/30 are in use, or leased", "gogrid_storage_objects", "leases/private-ip/")
	for _, lease := range []string{young, used} {
		if text, err := os.ReadFile(lease); err != nil || !strings.Contains(string(text), "blog") {
			t.Errorf("%s holds %q (error %v), want the lease of blog", lease, text, err)
		}
	}
}

// TestLeaseWhoseAddressWasJustTaken checks that a claim does not take over an expired
// lease if its owner created a server with the address after the claim listed the
// addresses.
func TestLeaseWhoseAddressWasJustTaken(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	lease := leaseOf(t, server, "10.110.0.5", "blog", 100*time.Hour)
	s := grid.Session(t, expiring(server))
	plan := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.5"})
	plan.Diagnostics.WantNone(t)
	grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2", "privateip", "10.110.0.5")
	_, diagnostics := s.Apply(t.Context(), plan)
	if len(diagnostics) == 0 || !strings.Contains(diagnostics.String(), "10.110.0.5 is") {
		t.Errorf("got %s, want an error that 10.110.0.5 is taken", diagnostics)
	}
	if text, err := os.ReadFile(lease); err != nil || !strings.Contains(string(text), "blog") {
		t.Errorf("the lease holds %q (error %v), want the lease of blog", text, err)
	}
}

// TestLostLeaseIsNotGivenBack uses two states without a deployment name. The
// destroy of a claim must keep a lease that the other state took over after the
// lease expired.
func TestLostLeaseIsNotGivenBack(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	slow := grid.Manage(t, "gogrid_private_ip", providertest.CloudStorage(server))
	config := acctest.Attributes{"address": "10.110.0.5"}
	slow.Apply(config).WantNone(t)
	leaseOf(t, server, "10.110.0.5", "", 100*time.Hour)
	newOwner := grid.Manage(t, "gogrid_private_ip", expiring(server))
	newOwner.Apply(config).WantWarning(t, "-", "Took over the lease of 10.110.0.5", "another state")
	slow.Destroy().WantWarning(t, "-", "lease of 10.110.0.5 is not ours")
	if files := providertest.ShareFiles(t, server); len(files) != 1 {
		t.Errorf("the share holds %v, want the lease of the new owner", files)
	}
	newOwner.Destroy().WantNone(t)
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("the destroy left %v", files)
	}
}

// wantNoFile fails the test if the file exists.
func wantNoFile(t *testing.T, at string) {
	t.Helper()
	if _, err := os.Stat(at); err == nil {
		t.Errorf("%s exists", at)
	}
}
