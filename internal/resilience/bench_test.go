// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// BenchmarkApply creates 200 servers with private addresses in one apply, on a
// grid where a server takes ten seconds. The apply should take less than one
// and a half times as long as the slowest server, with fewer than two calls per
// server.
func BenchmarkApply(b *testing.B) {
	const (
		count = 200
		speed = 42 // the default creation time of seven minutes takes ten seconds
	)
	for b.Loop() {
		b.StopTimer()
		s := newScenario(b, fleet(count), fmt.Sprintf("--speed=%d", speed), "--public-block-size=256", "--private-block-size=256")
		s.workspace.Env = s.grid.env(500 * time.Millisecond)
		b.StartTimer()
		m := s.build(count, speed)
		b.ReportMetric(m.wall.Seconds(), "apply-s")
		b.ReportMetric(m.slowest.Seconds(), "slowest-server-s")
		b.ReportMetric(m.wall.Seconds()/m.slowest.Seconds(), "apply/slowest")
		b.ReportMetric(float64(m.calls)/count, "calls/server")
	}
}

// BenchmarkPlan plans 1,000 existing servers. For comparison it plans 1,000
// objects of Terraform's own terraform_data and lists the servers once. The
// plan should take less than one and a half times as long as the plan of
// terraform_data plus the list, and make fewer than 20 calls. The same plan
// with a provider that does nothing (testdata/idle) shows how much of the time
// a provider can influence.
func BenchmarkPlan(b *testing.B) {
	const (
		count  = 1000
		rounds = 3 // use the best round: disturbances only slow a round down
	)
	servers := configuration(shop, webServers(count))
	s := newScenario(b, servers, "--speed=100000", "--public-block-size=2048")
	s.must("apply", "-auto-approve", "-input=false", "-parallelism=100")
	idle := newWorkspace(b, s.grid, idleProvider(b), servers)
	copyState(b, s, idle)
	plain := newWorkspace(b, s.grid, tools.provider(), fmt.Sprintf("resource \"terraform_data\" \"web\" {\n  count = %d\n  input = \"web-${count.index}\"\n}\n", count))
	plain.must("apply", "-auto-approve", "-input=false")
	lister := s.grid.client()
	for b.Loop() {
		var plan, nothing, baseline, list time.Duration
		calls := 0
		for round := range rounds {
			before := s.grid.totalCalls()
			plan = best(round, plan, func() { s.mustPlanNothing() })
			calls = s.grid.totalCalls() - before
			nothing = best(round, nothing, func() { idle.mustPlanNothing() })
			baseline = best(round, baseline, func() { plain.mustPlanNothing() })
			list = best(round, list, func() { mustList(b, lister, count) })
		}
		b.ReportMetric(plan.Seconds(), "plan-s")
		b.ReportMetric(nothing.Seconds(), "idle-plan-s")
		b.ReportMetric(baseline.Seconds(), "terraform_data-plan-s")
		b.ReportMetric(list.Seconds(), "list-s")
		allowed := 1.5*baseline.Seconds() + list.Seconds()
		b.ReportMetric(plan.Seconds()/allowed, "plan/allowed")
		b.ReportMetric(nothing.Seconds()/allowed, "idle/allowed")
		b.ReportMetric(plan.Seconds()/nothing.Seconds(), "plan/idle")
		b.ReportMetric(float64(calls), "calls")
	}
}

// idleProvider compiles the provider that does nothing.
func idleProvider(b *testing.B) string {
	b.Helper()
	root, err := tfcli.Root()
	if err != nil {
		b.Fatal(err)
	}
	into := b.TempDir()
	if err := tfcli.Build(b.Context(), root, into, "internal/resilience/testdata/idle"); err != nil {
		b.Fatal(err)
	}
	return tfcli.Program(into, "idle")
}

// copyState copies the state of one workspace to another.
func copyState(b *testing.B, from, to *scenario) {
	b.Helper()
	state, err := os.ReadFile(filepath.Join(from.workspace.Dir, "terraform.tfstate"))
	if err != nil {
		b.Fatal(err)
	}
	if err := to.workspace.Write("terraform.tfstate", string(state)); err != nil {
		b.Fatal(err)
	}
}

// best runs work and returns the shorter of its duration and the best duration
// of earlier rounds.
func best(round int, before time.Duration, work func()) time.Duration {
	start := time.Now()
	work()
	took := time.Since(start)
	if round > 0 {
		return min(before, took)
	}
	return took
}

func mustList(b *testing.B, lister *client.Client, count int) {
	b.Helper()
	servers, err := lister.Servers.List(b.Context(), client.ServerFilter{})
	if err != nil {
		b.Fatal(err)
	}
	if len(servers) != count {
		b.Fatalf("the list has %d servers, want %d", len(servers), count)
	}
}
