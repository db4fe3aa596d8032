// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// waitlessClock is a fake clock that advances by the duration of each new timer, so
// waits take no real time.
type waitlessClock struct{ *clockwork.FakeClock }

// NewTimer returns a timer that has already fired.
func (c waitlessClock) NewTimer(d time.Duration) clockwork.Timer {
	timer := c.FakeClock.NewTimer(d)
	c.Advance(d)
	return timer
}

// rig is a simulated grid that shares its clock with its clients.
type rig struct {
	*simulator.Grid

	t        *testing.T
	clock    waitlessClock
	endpoint string
	key      simulator.Key
}

func newRig(t *testing.T) *rig {
	t.Helper()
	clock := waitlessClock{clockwork.NewFakeClockAt(time.Date(2012, 6, 1, 12, 0, 0, 0, time.UTC))}
	key := simulator.Key{APIKey: "0123456789abcdef", SharedSecret: "secret", Role: simulator.RoleSuper}
	grid, err := simulator.New(simulator.Options{Clock: clock, Strict: true, OwnImagesOnly: true, Keys: []simulator.Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(grid)
	t.Cleanup(func() {
		server.Close()
		if err := grid.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{Grid: grid, t: t, clock: clock, endpoint: server.URL + "/api", key: key}
}

// session returns the session of a new process with the given deployment; ""
// sets no deployment.
func (r *rig) session(deployment string) *session.Session {
	r.t.Helper()
	grid, err := client.New(r.key.APIKey, r.key.SharedSecret, client.WithEndpoint(r.endpoint), client.WithClock(r.clock),
		client.WithRequestTimeout(24*time.Hour)) // the clock advances during requests
	if err != nil {
		r.t.Fatal(err)
	}
	s := &session.Session{
		Deployment: deployment, Clock: r.clock, Limit: context.WithTimeout, Poll: 10 * time.Second,
		Rollouts: &session.Rollouts{}, Storage: &session.CloudStorage{},
	}
	s.Connect(grid)
	return s
}

// create creates a machine and waits until it exists. It fails the test if the
// create reports problems or leftovers.
func (r *rig) create(s *session.Session, spec machine.Spec) client.Server {
	r.t.Helper()
	started, leftovers, problems := machine.Create(r.t.Context(), s, spec)
	if len(problems) > 0 || len(leftovers) > 0 || started == nil {
		r.t.Fatalf("create %s: got %v, leftovers %v, problems %v", spec, started, leftovers, problems)
	}
	server, err := machine.AwaitCreated(r.t.Context(), s, spec.Operation(), *started)
	if err != nil {
		r.t.Fatal(err)
	}
	return *server
}

// wantServers checks the names of the servers on the grid.
func (r *rig) wantServers(names ...string) {
	r.t.Helper()
	var found []string
	for _, server := range r.Inspect().Servers {
		found = append(found, server.Name)
	}
	slices.Sort(found)
	if !slices.Equal(found, names) {
		r.t.Errorf("servers on the grid: %v, want %v", found, names)
	}
}

// jobs counts the jobs of a command, such as DeleteVirtualServer.
func (r *rig) jobs(command string) int {
	count := 0
	for _, job := range r.Inspect().Jobs {
		if job.Command == command {
			count++
		}
	}
	return count
}

// address returns the nth usable public or private address in US-West-1,
// counted from 0.
func (r *rig) address(public bool, n int) string {
	r.t.Helper()
	var usable []string
	for _, ip := range r.Inspect().IPs {
		if ip.Public == public && ip.Datacenter == "US-West-1" && !ip.Reserved {
			usable = append(usable, ip.IP)
		}
	}
	return usable[n]
}

// holder returns the holder of an address, or "" if the address is free.
func (r *rig) holder(address string) string {
	for _, ip := range r.Inspect().IPs {
		if ip.IP == address {
			return ip.Holder
		}
	}
	return ""
}

// wantProblems checks severity, attribute and summary of problems.
func wantProblems(t *testing.T, got report.List, want ...string) {
	t.Helper()
	var found []string
	for _, p := range got {
		severity := "error"
		if p.IsWarning {
			severity = "warning"
		}
		found = append(found, severity+" at "+p.Attribute.String()+": "+p.Summary)
		if p.Detail == "" {
			t.Errorf("%q has no detail", p.Summary)
		}
	}
	if !slices.Equal(found, want) {
		t.Errorf("problems:\ngot  %q\nwant %q", found, want)
	}
}

// spec returns the spec of a small server.
func spec(name string) machine.Spec {
	return machine.Spec{Name: name, Image: "centos6.2_64_base", RAM: "512MB", Description: "the " + name, Datacenter: "US-West-1"}
}
