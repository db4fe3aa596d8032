// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-gogrid is a Terraform provider for the GoGrid
// cloud.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider"
)

// version is the version of the provider; the linker sets it in releases.
var version = "dev"

// garbagePercent is the value of GOGC: the heap grows to five times the live data
// before the next collection. A provider runs for one command and uses a few
// megabytes; with the default, collections took a fifth of a large plan.
const garbagePercent = 400

// memoryLimit is the value of GOMEMLIMIT: near this size, the runtime collects garbage
// more often than garbagePercent requires. The client keeps the live data of an answer
// far below this limit.
const memoryLimit = 160 << 20

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sweep" {
		os.Exit(runSweep(context.Background(), os.Args[2:]))
	}
	attach := flag.Bool("debug", false, "wait for a debugger, and print how to make Terraform use this process")
	flag.Parse()

	for name, level := range logLevels(os.Getenv) {
		if err := os.Setenv(name, level); err != nil {
			log.Fatal(err)
		}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	clock := clockwork.NewRealClock()
	ctx, cancel := context.WithCancel(context.Background())
	if !*attach {
		go func() {
			if waitOrphaned(ctx, os.Getppid, clock.NewTicker(parentCheckInterval).Chan()) {
				os.Exit(1)
			}
		}()
	}
	var options []tf6server.ServeOpt
	if *attach {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/gogrid/gogrid",
		provider.NewServer(version, os.Getenv, clock, provider.Destroying(isDestroyOnly(parentArgs(), os.Getenv))), options...)
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}
