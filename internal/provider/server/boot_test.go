// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestBootProblem checks that every refresh warns about a problem that a server
// without a deploy block reported at boot, until a boot succeeds.
func TestBootProblem(t *testing.T) {
	t.Parallel()
	r := providertest.NewDeployRig(t)
	m := r.Manage()
	m.Apply(providertest.Web1()).WantNone(t)

	report := func(result, problem string) {
		r.Put(startup.StatusFile("web1"), fmt.Sprintf("{\"server\": \"web1\", \"result\": %q, \"problem\": %q, \"started\": \"2026-11-25T10:00:00Z\", \"steps\": []}", result, problem))
	}
	report("failed", "the certificate site.pfx could not be installed")
	_, diagnostics := r.Session().Read(m.Object)
	diagnostics.Errors().WantNone(t)
	diagnostics.WantWarning(t, "-", `Server "web1" reported a problem`, "The certificate site.pfx could not be installed", "2026-11-25T10:00:00Z", "gogrid-startup.log")
	m.Apply(providertest.Web1().With(acctest.Attributes{"ram": "2GB"})).Errors().WantNone(t)

	report("ok", "")
	_, diagnostics = r.Session().Read(m.Object)
	diagnostics.WantNone(t)
}

// TestBootReportsAreListedOnce checks that one listing of the share serves all servers
// without a report, and that a refresh does not warn if the share is down.
func TestBootReportsAreListedOnce(t *testing.T) {
	t.Parallel()
	grid, share := acctest.NewQuickGrid(t), storagetest.Start(t)
	var objects []acctest.Object
	for i := range 8 {
		m := grid.Manage(t, "gogrid_server")
		m.Apply(providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})).WantNone(t)
		objects = append(objects, m.Object)
	}
	var listings atomic.Int64
	share.OnFile(func(operation, _ string) error {
		if operation == "List" {
			listings.Add(1)
		}
		return nil
	})
	read := func() {
		s := grid.Session(t, providertest.CloudStorage(share, nil))
		for _, object := range objects {
			_, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
		}
	}
	read()
	if n := listings.Load(); n > 2 {
		t.Errorf("the share was listed %d times for %d servers, want at most 2", n, len(objects))
	}
	share.Stop()
	read()
}
