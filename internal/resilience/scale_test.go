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

// fleet returns a configuration with servers that each have a private address.
func fleet(count int) string {
	return configuration(shop, fmt.Sprintf(`resource "gogrid_private_ip" "web" {
  count      = %[1]d
  datacenter = "US-West-1"
}

resource "gogrid_server" "web" {
  count      = %[1]d
  name       = "web-${count.index}"
  image      = "centos6.2_64_base"
  ram        = "512MB"
  datacenter = "US-West-1"
  private_ip = gogrid_private_ip.web[count.index].address
}`, count))
}

// measurement holds the duration and the number of calls of an apply of many
// servers.
type measurement struct {
	wall    time.Duration // the whole command
	slowest time.Duration // the longest job on the grid, in real time
	calls   int
}

// build applies a fleet, measures the apply, and checks the servers and
// addresses.
func (s *scenario) build(count int, speed float64) measurement {
	s.t.Helper()
	before := s.grid.totalCalls()
	start := time.Now()
	s.must("apply", "-auto-approve", "-input=false", fmt.Sprintf("-parallelism=%d", count))
	m := measurement{wall: time.Since(start), calls: s.grid.totalCalls() - before}
	s.mustHaveOwnAddresses(count)

	jobs, err := s.grid.client().Jobs.List(s.t.Context(), client.JobFilter{Limit: 10 * count})
	if err != nil {
		s.t.Fatal(err)
	}
	made := 0
	for _, job := range jobs {
		if !job.Command.Matches(client.JobCreateVirtualServer) || !job.Succeeded() {
			continue
		}
		made++
		took := job.History[len(job.History)-1].UpdatedOn.Sub(job.CreatedOn)
		m.slowest = max(m.slowest, time.Duration(float64(took)/speed))
	}
	if made != count {
		s.t.Errorf("%d servers were created, want %d", made, count)
	}
	return m
}

// mustHaveOwnAddresses checks the number of servers and that no two servers
// share an address.
func (s *scenario) mustHaveOwnAddresses(count int) {
	s.t.Helper()
	servers := s.grid.state().Servers
	if len(servers) != count {
		s.t.Errorf("%d servers on the grid, want %d", len(servers), count)
	}
	holders := map[string]string{}
	for _, server := range servers {
		for _, address := range []string{server.PublicIP, server.PrivateIP} {
			if other, taken := holders[address]; taken || address == "" {
				s.t.Errorf("server %q has the address %q, which %q also has", server.Name, address, other)
			}
			holders[address] = server.Name
		}
	}
}

func TestAccManyServersInOneApply(t *testing.T) {
	t.Parallel()
	const (
		count = 40
		speed = 120 // the creation of a server takes about three and a half seconds
	)
	s := newScenario(t, fleet(count), fmt.Sprintf("--speed=%d", speed), "--public-block-size=64", "--private-block-size=64")
	s.workspace.Env = s.grid.env(5 * time.Second) // long, so that a slow machine does not need more polls
	m := s.build(count, speed)
	t.Logf("%d servers: %d calls, %s in total, %s for the slowest server", count, m.calls, m.wall, m.slowest)
	if m.calls >= 2*count {
		t.Errorf("%d calls for %d servers, want fewer than 2 each: %v", m.calls, count, s.grid.calls())
	}
}
