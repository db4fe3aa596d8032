// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"syscall"
)

// stopSignals returns the signals that cancel the demo. The demo then stops the
// processes that it has started. SIGPIPE arrives when the program that reads
// the demo's output exits.
func stopSignals() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
}
