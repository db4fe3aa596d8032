// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"fmt"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// BenchmarkApply makes 200 servers, each with a private address, in one apply
// on a grid where a server takes ten seconds. The apply should take less than
// one and a half times as long as the slowest server, with fewer than two
// calls per server.
func BenchmarkApply(b *testing.B) {
	const (
		count = 200
		speed = 42 // the default seven minutes in ten seconds
	)
	for b.Loop() {
		b.StopTimer()
		s := newStory(b, fleet(count), fmt.Sprintf("--speed=%d", speed), "--public-block-size=256", "--private-block-size=256")
		s.workspace.Env = s.grid.env(500 * time.Millisecond)
		b.StartTimer()
		m := s.build(count, speed)
		b.ReportMetric(m.wall.Seconds(), "apply-s")
		b.ReportMetric(m.slowest.Seconds(), "slowest-server-s")
		b.ReportMetric(m.wall.Seconds()/m.slowest.Seconds(), "apply/slowest")
		b.ReportMetric(float64(m.calls)/count, "calls/server")
	}
}

// BenchmarkPlan plans over 1,000 servers that exist, beside a plan over 1,000
// objects of Terraform's own terraform_data and one list of the servers. The
// plan should take less than one and a half times the one of terraform_data
// plus the list, with fewer than 20 calls.
func BenchmarkPlan(b *testing.B) {
	const (
		count  = 1000
		rounds = 3 // the best counts: what disturbs only makes slower
	)
	s := newStory(b, configuration(shop, webServers(count)), "--speed=100000", "--public-block-size=2048")
	s.must("apply", "-auto-approve", "-input=false", "-parallelism=100")
	plain := newWorkspace(b, s.grid, fmt.Sprintf("resource \"terraform_data\" \"web\" {\n  count = %d\n  input = \"web-${count.index}\"\n}\n", count))
	plain.must("apply", "-auto-approve", "-input=false")
	lister := s.grid.client()
	for b.Loop() {
		var plan, baseline, list time.Duration
		calls := 0
		for round := range rounds {
			before := s.grid.total()
			plan = best(round, plan, func() { s.mustPlanNothing() })
			calls = s.grid.total() - before
			baseline = best(round, baseline, func() { plain.mustPlanNothing() })
			list = best(round, list, func() { mustList(b, lister, count) })
		}
		b.ReportMetric(plan.Seconds(), "plan-s")
		b.ReportMetric(baseline.Seconds(), "terraform_data-plan-s")
		b.ReportMetric(list.Seconds(), "list-s")
		b.ReportMetric(plan.Seconds()/(1.5*baseline.Seconds()+list.Seconds()), "plan/allowed")
		b.ReportMetric(float64(calls), "calls")
	}
}

// best is the shorter of what was measured before and what work takes now.
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
