// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
)

// Host is a server of a private network.
type Host struct {
	// Name is its host name.
	Name string
	// Address is its private address.
	Address netip.Addr
	// PublicIP is its public address, by which it knows itself: host names of
	// new servers are not on record. It may be left out.
	PublicIP netip.Addr
	// MAC is that of its private adapter, where it is known. No call of
	// GoGrid's API tells it.
	MAC string
}

// HostMap says which server has which private address. It is a file of one key
// a line, which a shell can read.
type HostMap struct {
	Version int `json:"version"`
	// Addresses are private addresses with their prefix length, by host name.
	Addresses map[string]string `json:"addresses"`
	// Names are host names, by public address.
	Names map[string]string `json:"names"`
}

const hostMapVersion = 1

// maxHostName is what one label of a name may have; Windows shows 15.
const maxHostName = 63

var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func checkHostName(name string) error {
	switch name {
	case "version", "addresses", "names": // keys of the map itself
		return fmt.Errorf("is %q, which has a meaning of its own in a host map: choose another", name)
	}
	if len(name) > maxHostName || !hostLabel.MatchString(name) {
		return fmt.Errorf("is %q: a host name has 1 to %d lower-case letters, digits and inner dashes", name, maxHostName)
	}
	return nil
}

func newHostMap(subnet netip.Prefix, hosts []Host) HostMap {
	m := HostMap{Version: hostMapVersion, Addresses: map[string]string{}, Names: map[string]string{}}
	for _, host := range hosts {
		m.Addresses[host.Name] = netip.PrefixFrom(host.Address, subnet.Bits()).String()
		if host.PublicIP.IsValid() {
			m.Names[host.PublicIP.String()] = host.Name
		}
	}
	return m
}

// Encode writes the map as servers read it.
func (m HostMap) Encode() string {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // texts and numbers can always be written
	}
	return string(text) + "\n"
}

// ParseHostMap reads a host map. It refuses one that is not laid out as Encode
// does, since servers read it line by line.
func ParseHostMap(text string) (HostMap, error) {
	var m HostMap
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return HostMap{}, fmt.Errorf("is no host map: %w", err)
	}
	if m.Version != hostMapVersion {
		return HostMap{}, fmt.Errorf("is a host map of version %d, known is %d", m.Version, hostMapVersion)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Addresses)) {
		if err := checkHostName(name); err != nil {
			return HostMap{}, fmt.Errorf("has a name that %w", err)
		}
		if _, err := netip.ParsePrefix(m.Addresses[name]); err != nil {
			return HostMap{}, fmt.Errorf("has %q as address of %q: it is one with a prefix length, such as 10.110.0.5/24", m.Addresses[name], name)
		}
	}
	for _, public := range slices.Sorted(maps.Keys(m.Names)) {
		if _, known := m.Addresses[m.Names[public]]; !known {
			return HostMap{}, fmt.Errorf("has no address for %q, the server at %s", m.Names[public], public)
		}
	}
	if m.Encode() != text {
		return HostMap{}, fmt.Errorf("is not laid out with one key a line: give the host_map of data.gogrid_dhcp_config as it is")
	}
	return m, nil
}
