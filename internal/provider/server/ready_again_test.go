// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestNotReadyIsWaitedForAgain checks that an apply fails if the server is not ready
// after a change, and that the next plan is an update that waits for the server again.
func TestNotReadyIsWaitedForAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ before, change acctest.Attributes }{
		"switched on":  {acctest.Attributes{"power_state": "off"}, acctest.Attributes{"power_state": "on"}},
		"restarted":    {providertest.ReleaseTriggers("1"), providertest.ReleaseTriggers("2")},
		"two at once":  {providertest.ReleaseTriggers("1"), providertest.ReleaseTriggers("2").With(acctest.Attributes{"ram": "2GB", "description": "second"})},
		"from off, up": {acctest.Attributes{"power_state": "off"}, acctest.Attributes{"power_state": "on", "ram": "2GB"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var status, hits atomic.Int64
			status.Store(http.StatusOK)
			url := providertest.StatusPage(t, func() int { hits.Add(1); return int(status.Load()) })
			grid := acctest.NewQuickGrid(t)
			server := grid.Manage(t, "gogrid_server")
			config := providertest.Web1().With(acctest.Attributes{"ready": acctest.Attributes{"http": url, "timeout": "15s"}}).With(tc.before)
			server.Apply(config).WantNone(t)

			status.Store(http.StatusServiceUnavailable)
			config = config.With(tc.change)
			for range 2 {
				server.Apply(config).WantError(t, "-", "web1", "not ready after", "answered 503", "Run the same command again: it waits until the server is ready, and replaces nothing")
				if server.Tainted {
					t.Fatal("the server is tainted")
				}
				if plan := server.Plan(config); plan.Action() != "update" {
					t.Fatalf("the next plan is %s, want an update that waits again", plan.Action())
				}
			}
			status.Store(http.StatusOK)
			before := hits.Load()
			server.Apply(config).WantOK(t)
			if hits.Load() == before {
				t.Error("the apply did not check whether the server is ready")
			}
			providertest.WantNoOp(t, grid, server.Object, config)
		})
	}
}

// maxChecks limits the readiness checks of a wait whose server is deleted. A
// wait needs fewer checks to notice the deletion, and makes far more checks
// before its time limit passes.
const maxChecks = 1000

// TestDeletedWhileReadyIsWaitedFor deletes a server outside of Terraform while
// an apply waits until the server is ready. The apply must fail long before the
// time limit, the error must report the deletion, and the state must not have
// the server.
func TestDeletedWhileReadyIsWaitedFor(t *testing.T) {
	t.Parallel()
	t.Run("created", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		var hits atomic.Int64
		url := providertest.StatusPage(t, func() int {
			if hits.Add(1) == 2 {
				grid.OutsideDone(t, "grid.server.delete", "name", "web1")
			}
			return http.StatusServiceUnavailable
		})
		server := grid.Manage(t, "gogrid_server")
		server.Apply(providertest.Web1().With(acctest.Attributes{"ready": acctest.Attributes{"http": url}})).WantError(t, "-", "web1", "deleted", "nothing is billed")
		if server.Exists() || hits.Load() > maxChecks {
			t.Errorf("server in the state: %t, after %d checks (want at most %d)", server.Exists(), hits.Load(), maxChecks)
		}
	})
	for name, change := range map[string]acctest.Attributes{
		"switched on": {"power_state": "on"},
		"restarted":   providertest.ReleaseTriggers("2"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			var hits atomic.Int64
			var failing atomic.Bool
			url := providertest.StatusPage(t, func() int {
				if !failing.Load() {
					return http.StatusOK
				}
				if hits.Add(1) == 2 {
					grid.OutsideDone(t, "grid.server.delete", "name", "web1")
				}
				return http.StatusServiceUnavailable
			})
			server := grid.Manage(t, "gogrid_server")
			config := providertest.Web1().With(acctest.Attributes{"ready": acctest.Attributes{"http": url}})
			if name == "switched on" {
				config["power_state"] = "off"
			} else {
				config = config.With(providertest.ReleaseTriggers("1"))
			}
			server.Apply(config).WantNone(t)
			failing.Store(true)
			server.Apply(config.With(change)).WantError(t, "-", "web1", "deleted")
			if hits.Load() > maxChecks {
				t.Errorf("the wait took %d checks, want at most %d", hits.Load(), maxChecks)
			}
			read, diagnostics := grid.Session(t).Read(server.Object)
			diagnostics.WantOK(t)
			if server.Exists() && read.Exists() {
				t.Error("the state still has the deleted server")
			}
		})
	}
}

// TestDeletedWhileALoginIsWaitedFor deletes the sandbox of a build while the build
// waits for a login.
func TestDeletedWhileALoginIsWaitedFor(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", grid.Address(t, true, "US-West-1", 0)+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var hits atomic.Int64
	go func() { // accepts connections and closes them at once
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_ = connection.Close()
			if hits.Add(1) == 2 {
				grid.OutsideDone(t, "grid.server.delete", "name", providertest.BuildSandbox(grid))
			}
		}
	}()
	port := listener.Addr().(*net.TCPAddr).Port
	image := grid.Manage(t, providertest.ImageType, providertest.Deployment())
	login := acctest.Attributes{"commands": []any{"true"}, "connection": acctest.Attributes{"port": port}}
	image.Apply(providertest.PreparedImage(login)).WantError(t, "prepare.connection", "was deleted", "nothing is billed")
	if image.Exists() || hits.Load() < 2 || hits.Load() > maxChecks/10 {
		t.Errorf("image in the state: %t, after %d logins (want 2 to %d)", image.Exists(), hits.Load(), maxChecks/10)
	}
	providertest.WantLeft(t, grid, 0, 0)
}
