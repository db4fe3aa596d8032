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

// Host is a server on a private network.
type Host struct {
	// Name is the host name.
	Name string
	// Address is the private address.
	Address netip.Addr
	// PublicIP is the public address, optional. The server looks up its own
	// name by this address, because it is not documented whether a new GoGrid
	// server knows its host name.
	PublicIP netip.Addr
	// MAC is the MAC address of the private adapter. It is optional, because
	// GoGrid's API does not return it.
	MAC string
}

// HostMap assigns private addresses to servers. Its JSON form has one key on
// each line, so that a shell can read it.
type HostMap struct {
	Version int `json:"version"`
	// Addresses maps host names to private addresses with their prefix lengths.
	Addresses map[string]string `json:"addresses"`
	// Names maps public addresses to host names.
	Names map[string]string `json:"names"`
}

const hostMapVersion = 1

// maxHostName is the maximum length of a DNS label. Windows shows 15 characters.
const maxHostName = 63

var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func checkHostName(name string) error {
	switch name {
	case "version", "addresses", "names": // keys of the map itself
		return fmt.Errorf("is %q, which has a meaning in a host map: choose another name", name)
	}
	if len(name) > maxHostName || !hostLabel.MatchString(name) {
		return fmt.Errorf("is %q: a host name must have 1 to %d lower-case letters, digits and inner dashes", name, maxHostName)
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

// Encode returns the JSON that servers read, with one key on each line.
func (m HostMap) Encode() string {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // impossible: strings and numbers can always be encoded
	}
	return string(text) + "\n"
}

// ParseHostMap decodes a host map. It returns an error if the layout differs from
// Encode, because servers read the map line by line.
func ParseHostMap(text string) (HostMap, error) {
	var m HostMap
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return HostMap{}, fmt.Errorf("is not a host map: %w", err)
	}
	if m.Version != hostMapVersion {
		return HostMap{}, fmt.Errorf("is a host map of version %d: it must be version %d", m.Version, hostMapVersion)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Addresses)) {
		if err := checkHostName(name); err != nil {
			return HostMap{}, fmt.Errorf("has a name that %w", err)
		}
		if _, err := netip.ParsePrefix(m.Addresses[name]); err != nil {
			return HostMap{}, fmt.Errorf("has %q as address of %q: it must have a prefix length, such as 10.110.0.5/24", m.Addresses[name], name)
		}
	}
	for _, public := range slices.Sorted(maps.Keys(m.Names)) {
		if _, known := m.Addresses[m.Names[public]]; !known {
			return HostMap{}, fmt.Errorf("has no address for %q, the server at %s", m.Names[public], public)
		}
	}
	if m.Encode() != text {
		return HostMap{}, fmt.Errorf("is not laid out with one key on each line: use the host_map of data.gogrid_dhcp_config unchanged")
	}
	return m, nil
}
