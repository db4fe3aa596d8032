// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/netip"
	"strings"
	"testing"
)

func TestPrefix(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ subnet, want, wantErr string }{
		{"203.0.113.32/255.255.255.240", "203.0.113.32/28", ""},
		{"203.0.113.34/255.255.255.240", "203.0.113.32/28", ""},
		{"10.0.0.0/255.0.0.0", "10.0.0.0/8", ""},
		{"10.0.0.0/0.0.0.0", "0.0.0.0/0", ""},
		{"203.0.113.34/255.255.255.255", "203.0.113.34/32", ""},
		{"203.0.113.34/28", "203.0.113.32/28", ""},
		{"203.0.113.32", "", "must be of the form"},
		{"", "", "must be of the form"},
		{"203.0.113.32/255.0.255.0", "", "gap"},
		{"203.0.113.32/255.255.255.300", "", "not a netmask"},
		{"block/255.255.255.0", "", "203.0.113.40"},
		{"203.0.113.32/99", "", "203.0.113.40"},
	} {
		got, err := (&IP{Address: "203.0.113.40", Subnet: test.subnet}).Prefix()
		if test.wantErr != "" {
			if err == nil || !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("%q: got %v, want an error with %q", test.subnet, err, test.wantErr)
			}
			continue
		}
		if err != nil || got != netip.MustParsePrefix(test.want) {
			t.Errorf("%q: got %s, %v; want %s", test.subnet, got, err, test.want)
		}
	}
}

func TestOptionMatches(t *testing.T) {
	t.Parallel()
	o := Option{ID: 2, Name: "US-East-1"}
	for given, want := range map[string]bool{"2": true, "us-east-1": true, "US-East-1": true, "": false, "1": false, "US-East": false} {
		if o.Matches(given) != want {
			t.Errorf("%q: got %t", given, !want)
		}
	}
	if (Option{}).Matches("") || !(Option{}).IsZero() || o.IsZero() {
		t.Error("an absent option counts as a value")
	}
}

func TestImageAvailableIn(t *testing.T) {
	t.Parallel()
	image := Image{
		State: Option{Name: ImageAvailable},
		Datacenters: []ImageDatacenter{
			{Datacenter: Option{ID: 1, Name: "US-West-1"}, State: Option{Name: ImageAvailable}},
			{Datacenter: Option{ID: 2, Name: "US-East-1"}, State: Option{Name: ImageMigrating}},
			{Datacenter: Option{ID: 3, Name: "EU-West-1"}},
		},
	}
	for datacenter, want := range map[string]bool{"1": true, "us-west-1": true, "2": false, "EU-West-1": true, "4": false} {
		if image.AvailableIn(datacenter) != want {
			t.Errorf("%s: got %t", datacenter, !want)
		}
	}
	image.Datacenters = nil
	if !image.AvailableIn("4") {
		t.Error("an image without a list of datacenters is not available")
	}
	named := Image{ID: 9, Name: "GSI-9", FriendlyName: "mine"}
	for given, want := range map[string]bool{"9": true, "gsi-9": true, "mine": false, "": false} {
		if named.Matches(given) != want {
			t.Errorf("%q: got %t", given, !want)
		}
	}
}

func TestReserved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ address, subnet, want string }{
		{"203.0.113.32", "203.0.113.32/255.255.255.240", "network address"},
		{"203.0.113.33", "203.0.113.32/255.255.255.240", "gateway"},
		{"203.0.113.34", "203.0.113.32/255.255.255.240", ""},
		{"203.0.113.46", "203.0.113.32/255.255.255.240", ""},
		{"203.0.113.47", "203.0.113.32/255.255.255.240", "broadcast address"},
		{"203.0.113.48", "203.0.113.32/255.255.255.240", ""},
		{"10.1.0.255", "10.1.0.0/255.255.254.0", ""},
		{"10.1.1.255", "10.1.0.0/255.255.254.0", "broadcast address"},
		{"10.0.0.6", "10.0.0.4/30", ""},
		{"10.0.0.7", "10.0.0.4/30", "broadcast address"},
		{"10.0.0.4", "10.0.0.4/31", ""},
		{"10.0.0.4", "10.0.0.4/32", ""},
		{"255.255.255.255", "255.255.255.240/28", "broadcast address"},
		{"203.0.113.32", "", ""},
		{"nonsense", "203.0.113.32/28", ""},
	} {
		if got := (&IP{Address: test.address, Subnet: test.subnet}).Reserved(); got != test.want {
			t.Errorf("%s in %s: got %q, want %q", test.address, test.subnet, got, test.want)
		}
	}
}
