// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

func TestRestartTriggers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before, after acctest.Attributes
		restarts      int
	}{
		"changed":                    {providertest.ReleaseTriggers("1"), providertest.ReleaseTriggers("2"), 1},
		"unchanged":                  {providertest.ReleaseTriggers("1"), providertest.ReleaseTriggers("1"), 0},
		"set for the first time":     {nil, providertest.ReleaseTriggers("1"), 0},
		"removed":                    {providertest.ReleaseTriggers("1"), nil, 0},
		"changed with the RAM":       {providertest.ReleaseTriggers("1"), providertest.ReleaseTriggers("2").With(acctest.Attributes{"ram": "2GB"}), 1},
		"changed while switched off": {providertest.ReleaseTriggers("1"), providertest.ReleaseTriggers("2").With(acctest.Attributes{"power_state": "off"}), 0},
		"changed while off":          {providertest.ReleaseTriggers("1").With(acctest.Attributes{"power_state": "off"}), providertest.ReleaseTriggers("2").With(acctest.Attributes{"power_state": "off"}), 0},
		"changed and switched on":    {providertest.ReleaseTriggers("1").With(acctest.Attributes{"power_state": "off"}), providertest.ReleaseTriggers("2"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			server := grid.Manage(t, "gogrid_server")
			server.Apply(providertest.Web1().With(tc.before)).WantNone(t)
			server.Apply(providertest.Web1().With(tc.after)).WantNone(t)
			if got := grid.Jobs("RestartVirtualServer"); got != tc.restarts {
				t.Errorf("the server was restarted %d times, want %d", got, tc.restarts)
			}
			if plan := server.Plan(providertest.Web1().With(tc.after)); plan.Action() != "no-op" {
				t.Errorf("the next plan is %s, want no-op", plan.Action())
			}
		})
	}
}

// TestRestartNotTwice checks that an apply does not repeat the restart of an
// apply that was killed before it wrote the state. The later apply finds the
// restart in the list of jobs.
func TestRestartNotTwice(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1().With(providertest.ReleaseTriggers("1"))).WantNone(t)
	server.Apply(providertest.Web1().With(providertest.ReleaseTriggers("2"))).WantNone(t)
	known := server.Object
	server.Apply(providertest.Web1().With(providertest.ReleaseTriggers("3"))).WantNone(t)
	server.Object = known.WithoutPrivate()
	server.Apply(providertest.Web1().With(providertest.ReleaseTriggers("3"))).WantNone(t)
	if got := grid.Jobs("RestartVirtualServer"); got != 2 {
		t.Errorf("the server was restarted %d times, want 2", got)
	}
	server.Apply(providertest.Web1().With(providertest.ReleaseTriggers("4"))).WantNone(t)
	if got := grid.Jobs("RestartVirtualServer"); got != 3 {
		t.Errorf("the server was restarted %d times, want 3", got)
	}
}

// TestReady checks that a create waits until the server passes its ready block.
func TestReady(t *testing.T) {
	t.Parallel()
	answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health/127.20.0.2/10.110.0.9" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(answering.Close)
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closed.Close() }) // the listener reserves the port on 127.0.0.1 only, so nothing answers at the server's address
	port := closed.Addr().(*net.TCPAddr).Port
	config := providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.9"})

	t.Run("it answers", func(t *testing.T) {
		t.Parallel()
		ready := acctest.Attributes{"ready": acctest.Attributes{"http": answering.URL + "/health/{public_ip}/{private_ip}", "timeout": "10m"}}
		server := acctest.NewQuickGrid(t).Manage(t, "gogrid_server")
		server.Apply(config.With(ready)).WantNone(t)
	})
	t.Run("it answers badly", func(t *testing.T) {
		t.Parallel()
		ready := acctest.Attributes{"ready": acctest.Attributes{"http": answering.URL + "/other", "timeout": "15s"}}
		server := acctest.NewQuickGrid(t).Manage(t, "gogrid_server")
		server.Apply(config.With(ready)).WantError(t, "-", `Could not finish creating server "web1"`, "not ready after", "/other answered 503", "terraform untaint")
		if !server.Tainted {
			t.Error("the server is not tainted")
		}
	})
	t.Run("it does not answer", func(t *testing.T) {
		t.Parallel()
		ready := acctest.Attributes{"ready": acctest.Attributes{"tcp_port": port, "timeout": "15s"}}
		server := acctest.NewQuickGrid(t).Manage(t, "gogrid_server")
		server.Apply(config.With(ready)).WantError(t, "-", "not ready after", "127.20.0.2:"+strconv.Itoa(port), "refused")
	})
	t.Run("it is to be off", func(t *testing.T) {
		t.Parallel()
		ready := acctest.Attributes{"ready": acctest.Attributes{"tcp_port": port}, "power_state": "off"}
		server := acctest.NewQuickGrid(t).Manage(t, "gogrid_server")
		server.Apply(config.With(ready)).WantNone(t)
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		reached := make(chan struct{})
		slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case reached <- struct{}{}:
			default:
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		t.Cleanup(slow.Close)
		s := grid.Session(t)
		plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"ready": acctest.Attributes{"http": slow.URL}}))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			<-reached
			cancel()
		}()
		object, diagnostics := s.Apply(ctx, plan)
		diagnostics.WantOK(t)
		diagnostics.WantWarning(t, "-", "Interrupted while creating")
		if !object.HasPrivate("pending") {
			t.Error("the server is not marked as pending")
		}
	})
}

// TestRefusedChange makes a change that GoGrid accepts but whose job then
// fails. The state must keep the old values, and the next apply must make the
// change.
func TestRefusedChange(t *testing.T) {
	t.Parallel()
	for method, change := range map[string]acctest.Attributes{
		"grid.server.edit":  {"ram": "2GB"},
		"grid.server.power": {"power_state": "off"},
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			server := grid.Manage(t, "gogrid_server")
			server.Apply(providertest.Web1()).WantNone(t)
			if err := grid.AddFaults(simulator.Fault{Method: method, Kind: simulator.FaultJob}); err != nil {
				t.Fatal(err)
			}
			server.Apply(providertest.Web1().With(change)).WantError(t, "-", `Could not update server "web1"`, "The platform could not carry out the request", "Run the same command again")
			if server.Tainted || server.Get("ram") != "1GB" || server.Get("power_state") != "on" {
				t.Errorf("tainted: %t, RAM %v, power state %v; want the values before the change", server.Tainted, server.Get("ram"), server.Get("power_state"))
			}
			server.Apply(providertest.Web1().With(change)).WantNone(t)
		})
	}
}

// TestUpdateTimeout checks that an update which exceeds its time limit fails.
func TestUpdateTimeout(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Timings.ServerEdit = 1000 * time.Hour })
	expire, reads := grid.LimitsByHand(), 0
	grid.After("grid.server.edit", func() {
		providertest.OnceTrue(grid, func() bool { reads++; return reads == 3 }, expire)
	})
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1()).WantNone(t)
	server.Apply(providertest.Web1().With(acctest.Attributes{"ram": "2GB", "timeouts": acctest.Attributes{"update": "25m"}})).
		WantError(t, "-", "Could not update", "was not done after", "state Updating", "timeouts block")
	if limits := grid.LimitsAsked(); limits[len(limits)-1] != 25*time.Minute {
		t.Errorf("the time limits were %v, want the 25m of the timeouts block last", limits)
	}
	if server.Get("ram") != "1GB" {
		t.Errorf("the update failed, but the state has RAM %v", server.Get("ram"))
	}
}
