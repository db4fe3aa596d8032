// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package shell runs shell scripts inside a simulated guest. Everything they
// read, write and run is the guest's: no file, variable or program of the host
// can be reached.
package shell

import (
	"context"
	"io"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// Host is the machine that programs run on, as far as common programs ask.
type Host interface {
	Hostname() string
	SetHostname(name string)
	// Now is the grid's time.
	Now() time.Time
	// Sleep waits on the grid's clock; it ends early with the context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Program is a command of the guest. The result is its exit code.
type Program func(ctx context.Context, p *Process) int

// Process is one run of a program.
type Process struct {
	// Args are the program's name and its arguments.
	Args []string
	// Dir is the absolute working directory in the guest.
	Dir string
	// Environ holds the environment as "NAME=value".
	Environ []string
	// User is the account that it runs as, such as "root".
	User string

	Stdin          io.Reader
	Stdout, Stderr io.Writer

	Files disk.FS
	Host  Host
}
