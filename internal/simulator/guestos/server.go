// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package guestos is what runs on the servers of a simulated grid: a disk,
// adapters, accounts, a boot, and a shell that answers over SSH and SFTP.
package guestos

import (
	"context"
	"net/netip"
	"time"
)

// Family is the kind of operating system.
type Family string

// The two that GoGrid had. Of a Windows guest only disk and adapters are
// simulated: it answers to nobody.
const (
	Linux   Family = "linux"
	Windows Family = "windows"
)

// Server is what the grid has decided about one server. The guest follows.
type Server struct {
	ID      int64 // never used twice
	Account int64
	Name    string
	// Image is the image whose disk the server starts with, by the grid's id.
	Image  int64
	Base   bool   // the image is GoGrid's own, made on first use
	OS     string // such as "CentOS 6.2 (64-bit)"
	Family Family

	PublicIP  netip.Addr
	PrivateIP netip.Addr // invalid where the grid gave none
	Gateway   netip.Addr // of the public network
	// StorageGateway is the address on the private network that leads to Cloud
	// Storage.
	StorageGateway netip.Addr
	Password       string // that the account's password list shows for it
	// HostKeySeed determines the SSH host key, which the first boot of a
	// prepared disk creates.
	HostKeySeed HostKeySeed

	// Up tells that the server is switched on, whether it has booted or not.
	Up bool
	// Boots counts how often it was switched on or restarted.
	Boots int
	// Reachable is when the present boot is over and the network answers, on
	// the grid's clock.
	Reachable time.Time
}

// Clock is the grid's.
type Clock interface {
	Now() time.Time
	// Until waits until it is so late on the grid, or ctx ends. It takes no
	// duration: the clock may be moved before the waiting begins.
	Until(ctx context.Context, at time.Time) error
}
