// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkDeploy deploys a release to four servers, one after the other. The
// grid runs and the provider polls twenty times as fast as in reality. The
// deploy should take at most a tenth longer than the total downtime. The
// downtime of a server lasts from its last answer before the restart until it
// serves the new release.
func BenchmarkDeploy(b *testing.B) {
	const speed = 20
	s := newShopFront(b, speed, time.Minute)
	s.workspace.Env = append(s.workspace.Env, fmt.Sprint("GOGRID_POLL_INTERVAL=", 10*time.Second/speed))
	addresses := s.addresses()
	for b.Loop() {
		s.publish()
		seen := watchSites(b, addresses)
		took := deployTime(b, s.must("apply", "-auto-approve", "-input=false", "-json"))
		waitFor(b, "all servers to serve the new release", func() bool { return seen.count(s.pages[len(s.pages)-1]) == 4 })
		seen.end()
		seen.mustHaveSeen(1, s.pages[len(s.pages)-2:]...)
		away := seen.downtime()
		b.ReportMetric(took.Seconds(), "deploy-s")
		b.ReportMetric(away.Seconds(), "away-s")
		b.ReportMetric(took.Seconds()/away.Seconds(), "deploy/away")
	}
}

// deployTime returns the time from the start of the first server update to the
// end of the last server update.
func deployTime(b *testing.B, events string) time.Duration {
	b.Helper()
	var begun, ended time.Time
	for line := range strings.Lines(events) {
		var event struct {
			Type string    `json:"type"`
			Time time.Time `json:"@timestamp"`
			Hook struct {
				Resource struct {
					Type string `json:"resource_type"`
				} `json:"resource"`
			} `json:"hook"`
		}
		if json.Unmarshal([]byte(line), &event) != nil || event.Hook.Resource.Type != "gogrid_server" {
			continue
		}
		switch {
		case event.Type == "apply_start" && begun.IsZero():
			begun = event.Time
		case event.Type == "apply_complete":
			ended = event.Time
		}
	}
	if begun.IsZero() || ended.IsZero() {
		b.Fatalf("no server was updated:\n%s", events)
	}
	return ended.Sub(begun)
}

// downtime returns the total time in which servers did not answer.
func (a *siteWatcher) downtime() time.Duration {
	var sum time.Duration
	for _, looks := range a.visits {
		for i, seen := range looks[:len(looks)-1] {
			if seen.page == "" {
				sum += looks[i+1].begun.Sub(seen.begun)
			}
		}
	}
	return sum
}
