// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"net/netip"
	"strings"
)

// GuestInfo describes a guest. It holds no passwords.
type GuestInfo struct {
	Server    int64    `json:"server"`
	Name      string   `json:"name"`
	Hostname  string   `json:"hostname"`
	Up        bool     `json:"up"`
	Reachable bool     `json:"reachable"`
	Prepared  bool     `json:"prepared"`
	SSH       string   `json:"ssh"`
	Private   adapter  `json:"private_adapter"`
	Routes    []string `json:"routes"`
	Services  []string `json:"services"`
	Boots     int      `json:"boots"`
	DiskBytes int64    `json:"disk_bytes"`
	BootLog   []string `json:"boot_log"`
	Problem   string   `json:"problem,omitempty"`
}

// Inspect describes all guests, ordered by server id.
func (h *Host) Inspect() []GuestInfo {
	infos := []GuestInfo{}
	for _, g := range h.all() {
		infos = append(infos, g.info())
	}
	return infos
}

// lastLines returns at most the given number of lines from the end of a text.
func lastLines(text string, most int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return lines[max(len(lines)-most, 0):]
}

func (g *guest) info() GuestInfo {
	s, record, sys := g.server(), g.device.read(), g.current()
	info := GuestInfo{
		Server: s.ID, Name: s.Name, Hostname: record.Hostname, Prepared: record.Prepared, Private: record.Private, Boots: s.Boots,
		SSH:       netip.AddrPortFrom(s.PublicIP, uint16(g.host.options.SSHPort)).String(), //nolint:gosec // a port fits into 16 bits
		DiskBytes: g.disk.Used(), Routes: []string{}, Services: []string{},
	}
	for _, r := range record.Routes {
		info.Routes = append(info.Routes, r.String())
	}
	if text, err := readFile(g.disk, bootLog); err == nil {
		info.BootLog = lastLines(text, 20)
	}
	g.mu.Lock()
	info.Problem = g.problem
	g.mu.Unlock()
	if sys != nil {
		info.Up, info.Reachable, info.Services = true, sys.isReachable(), sys.serviceAddresses()
	}
	return info
}
