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

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger can be attached, and print how to use this process")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version, os.Getenv, clockwork.NewRealClock()), providerserver.ServeOpts{
		Address: "registry.terraform.io/gogrid/gogrid",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
