// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"slices"
	"sync"
)

// device is the part of a machine's state that is not in the file system. It is
// stored beside the disk and copied with the disk.
type device struct {
	mu sync.Mutex
	deviceRecord
	path string
}

// deviceRecord is the stored form of a device.
type deviceRecord struct {
	Hostname string
	// Installed reports whether the first boot is complete. It is false on the
	// disk of an image.
	Installed bool
	// Prepared reports whether the prep step has run since the first boot.
	Prepared bool
	Accounts map[string]account
	Private  adapter
	Routes   []route
	HostKey  []byte   // private key, PKCS #8
	Units    []string // services that start at boot
	// Packages holds the packages in which the server differs from the base
	// image: true for installed packages, false for removed packages.
	Packages map[string]bool `json:",omitempty"`
}

type account struct {
	Password string // plain text: the account's password list shows it anyway
	Home     string
}

// adapter is the private network adapter. The public adapter is always up and
// never changes.
type adapter struct {
	Enabled bool   `json:"enabled"`
	Mode    string `json:"mode"`              // dhcp or static
	Address string `json:"address,omitempty"` // with its prefix, such as 10.110.0.5/24
}

type route struct {
	Destination, Gateway, Adapter string

	Leased bool // set by a DHCP lease; removed together with the lease
}

func (r route) String() string {
	text := r.Destination
	if r.Gateway != "" {
		text += " via " + r.Gateway
	}
	return text + " dev " + r.Adapter
}

func openDevice(path string) (*device, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := &device{path: path}
	return d, json.Unmarshal(text, &d.deviceRecord)
}

// change applies edit to the record and stores the record atomically.
func (d *device) change(edit func(r *deviceRecord)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	edit(&d.deviceRecord)
	return writeRecord(d.path, d.deviceRecord)
}

func writeRecord(path string, record deviceRecord) error {
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	return replaceHostFile(path, text)
}

// read returns a copy of the record.
func (d *device) read() deviceRecord {
	d.mu.Lock()
	defer d.mu.Unlock()
	record := d.deviceRecord
	record.Routes, record.Units = slices.Clone(record.Routes), slices.Clone(record.Units)
	accounts := make(map[string]account, len(record.Accounts))
	for name, a := range record.Accounts {
		accounts[name] = a
	}
	record.Accounts = accounts
	record.Packages = maps.Clone(record.Packages)
	return record
}

// packages returns the packages in which the server differs from the base
// image: true for installed packages, false for removed packages.
func (d *device) packages() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.Packages)
}

// privateAddress returns the address of the private adapter. The result is not
// valid if the adapter is disabled or has no address.
func (d *device) privateAddress() netip.Addr {
	record := d.read()
	prefix, err := netip.ParsePrefix(record.Private.Address)
	if err != nil || !record.Private.Enabled {
		return netip.Addr{}
	}
	return prefix.Addr()
}
