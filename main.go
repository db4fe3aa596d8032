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

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

// garbagePercent lets the heap grow to five times what is in use before it is
// collected. A provider lives for one command and uses few megabytes, which
// the default collects so often that it cost a fifth of a large plan.
const garbagePercent = 400

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sweep" {
		os.Exit(runSweep(context.Background(), os.Args[2:]))
	}
	attach := flag.Bool("debug", false, "run so that a debugger can be attached, and print how to use this process")
	flag.Parse()

	for name, level := range logLevels(os.Getenv) {
		if err := os.Setenv(name, level); err != nil {
			log.Fatal(err)
		}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
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
	err := providerserver.Serve(ctx, provider.New(version, os.Getenv, clock, provider.Destroying(isDestroyOnly(parentArgs(), os.Getenv))), providerserver.ServeOpts{
		Address: "registry.terraform.io/gogrid/gogrid",
		Debug:   *attach,
	})
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}
