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

// psLimit is the time limit of the command that lists processes.
const psLimit = 5 * time.Second

// parentArgs returns the command line of the parent process, or nil if it
// cannot be read, as on Windows. An argument that contains spaces appears as
// several arguments.
func parentArgs() []string {
	ctx, cancel := context.WithTimeout(context.Background(), psLimit) //nolint:forbidigo // the process has just started
	defer cancel()
	line, err := exec.CommandContext(ctx, "ps", "-o", "args=", "-p", strconv.Itoa(os.Getppid())).Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(line))
}
