// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net"
	"runtime"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// NewGuestGrid is like NewGrid, but the servers boot and serve SSH.
func NewGuestGrid(t *testing.T, settings ...func(*simulator.Options)) *Grid {
	t.Helper()
	return NewGrid(t, append([]func(*simulator.Options){WithGuests(t)}, settings...)...)
}

// NewQuickGuestGrid is like NewQuickGrid, but the servers boot and serve SSH.
func NewQuickGuestGrid(t *testing.T, settings ...func(*simulator.Options)) *Grid {
	t.Helper()
	return NewQuickGrid(t, append([]func(*simulator.Options){WithGuests(t)}, settings...)...)
}

// WithGuests returns a setting that lets the servers of a grid boot. All grids
// share the same loopback addresses for guests, so each grid gets its own port.
// While the test runs, a listener on 127.0.0.1 reserves that port.
func WithGuests(t *testing.T) func(*simulator.Options) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("guests listen on addresses such as 127.20.0.2, which only Linux assigns to the loopback interface")
	}
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a port for guests: %v", err)
	}
	t.Cleanup(func() { _ = held.Close() })
	return func(options *simulator.Options) {
		options.Guests = &simulator.GuestOptions{SSHPort: held.Addr().(*net.TCPAddr).Port}
	}
}
