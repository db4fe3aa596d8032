// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// psLimit limits the time for reading the process list.
const psLimit = 5 * time.Second

// parentArgs returns the command line of the parent process, or nil if it cannot
// be read, as on Windows. An argument with spaces is split into several.
func parentArgs() []string {
	ctx, cancel := context.WithTimeout(context.Background(), psLimit) //nolint:forbidigo // the process has just started
	defer cancel()
	line, err := exec.CommandContext(ctx, "ps", "-o", "args=", "-p", strconv.Itoa(os.Getppid())).Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(line))
}
