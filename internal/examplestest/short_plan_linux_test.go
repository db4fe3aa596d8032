// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	// planLines limits the number of lines in the first plan of the one-click example.
	// Each of its four servers takes 31 lines.
	planLines = 370
	// stateBytes limits the size of the state of the example. The state holds the startup
	// script and its files once, which takes 24 KB.
	stateBytes = 64 << 10
)

// TestAccOneClickPlanIsShort checks that the first plan of the example shows no script
// text, and that only values that GoGrid chooses are unknown.
func TestAccOneClickPlanIsShort(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	output := s.ok("plan", "-out=first.tfplan", "-input=false", "-no-color")
	lines := strings.Count(output, "\n")
	t.Logf("the first plan has %d lines", lines)
	if lines > planLines || strings.Contains(output, "# Loads the release of a channel") {
		t.Errorf("the first plan has %d lines, want at most %d and no script:\n%s", lines, planLines, output)
	}
	// The servers use the new image, whose id is unknown, so more of their attributes are
	// unknown.
	server := []string{"cores", "disk_size_mb", "id", "image", "image_id", "os", "public_ip", "state", "subnet", "type"}
	want := map[string][]string{
		"gogrid_mygsi_image.web":    {"created_at", "datacenters", "host_key", "id", "location", "min_ram", "name", "state"},
		"gogrid_storage_object.app": {"modified"},
	}
	for _, name := range shopServers() {
		want[`gogrid_server.web["`+name+`"]`] = server
		want[`gogrid_private_ip.web["`+name+`"]`] = []string{"assigned"}
	}
	got := s.unknownValues("first.tfplan")
	delete(got, "gogrid_storage_channel.web")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes that the plan shows as unknown differ (-want +got):\n%s", diff)
	}
}

// wantSmallState checks the size of the state, and that the state holds the startup
// script only once.
func (s *shop) wantSmallState() {
	s.t.Helper()
	state := read(s.t, filepath.Join(s.Dir, "terraform.tfstate"))
	s.t.Logf("the state has %d bytes", len(state))
	if len(state) > stateBytes {
		s.t.Errorf("the state has %d bytes, want at most %d", len(state), stateBytes)
	}
	if got := strings.Count(state, "# Loads the release of a channel"); got != 1 {
		s.t.Errorf("the state contains the startup script %d times, want once", got)
	}
}

// unknownValues returns, for the address of each resource, the names of the attributes
// that the plan shows as "known after apply".
func (b *exampleRun) unknownValues(file string) map[string][]string {
	b.t.Helper()
	text, err := b.Command(b.t.Context(), "show", "-json", file).Output()
	b.must(err)
	var plan struct {
		Changes []struct {
			Address, Mode string
			Change        struct {
				Unknown map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	b.must(json.Unmarshal(text, &plan))
	all := map[string][]string{}
	for _, change := range plan.Changes {
		if change.Mode != "managed" {
			continue
		}
		names := []string{}
		for name, unknown := range change.Change.Unknown {
			if unknown == true {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		all[change.Address] = names
	}
	return all
}
