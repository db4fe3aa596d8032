// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package guestos simulates the operating system of a grid's servers: disk,
// network adapters, accounts, boot, and a shell over SSH and SFTP.
package guestos

import (
	"context"
	"net/netip"
	"time"
)

// Family is the kind of a server's operating system.
type Family string

// The families that GoGrid offered. For Windows guests, only the disk and the
// adapters are simulated: they accept no connections.
const (
	Linux   Family = "linux"
	Windows Family = "windows"
)

// Server is the state that the grid requires of one server. The server's guest
// changes to match this state.
type Server struct {
	ID      int64 // never used twice
	Account int64
	Name    string
	// Image is the grid's id of the image whose disk is copied to the server.
	Image  int64
	Base   bool   // whether GoGrid provides the image; the host creates its disk on first use
	OS     string // such as "CentOS 6.2 (64-bit)"
	Family Family

	PublicIP  netip.Addr
	PrivateIP netip.Addr // not valid if the grid assigned no private address
	Gateway   netip.Addr // of the public network
	// StorageGateway is the gateway to Cloud Storage on the private network.
	StorageGateway netip.Addr
	Password       string // root's password in the account's password list
	// HostKeySeed determines the SSH host key, which the first boot of a
	// prepared disk creates.
	HostKeySeed HostKeySeed

	// Up reports whether the server is switched on, even if it has not booted
	// yet.
	Up bool
	// Boots is the number of times that the server was switched on or restarted.
	Boots int
	// Reachable is the time on the grid's clock at which the current boot is
	// complete and the server is reachable over the network.
	Reachable time.Time
}

// Clock is the grid's clock.
type Clock interface {
	Now() time.Time
	// Until waits until the grid's clock reaches a time, or ctx ends. It takes
	// a time instead of a duration, because the clock may advance before the
	// caller reaches Until.
	Until(ctx context.Context, at time.Time) error
}
