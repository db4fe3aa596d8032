// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package shell runs shell scripts inside a simulated guest. Scripts can access
// only files and programs of the guest. They cannot access a file, an
// environment variable or a program of the host.
package shell

import (
	"context"
	"io"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// Host provides the parts of a machine that common programs need.
type Host interface {
	Hostname() string
	SetHostname(name string)
	// Now returns the grid's time.
	Now() time.Time
	// Sleep waits on the grid's clock. If ctx ends first, Sleep returns the
	// context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Program is a command of the guest. It returns its exit code.
type Program func(ctx context.Context, p *Process) int

// Process is one run of a program.
type Process struct {
	// Args are the program's name and its arguments.
	Args []string
	// Dir is the absolute working directory in the guest.
	Dir string
	// Environ holds the environment as "NAME=value".
	Environ []string
	// User is the account that the program runs as, such as "root".
	User string

	Stdin          io.Reader
	Stdout, Stderr io.Writer

	Files disk.FS
	Host  Host
}
