// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package server holds gogrid_server, gogrid_sandbox and the ephemeral resource
// gogrid_server_password. It exports their constructors, and
// DefaultPasswordTimeout for the test that compares attribute texts with constants.
//
// A sandbox is a server with a flag, so both resources share the functions in
// machine_*.go, which work on the interface machineObject. A create runs
// through resource.go, machine_create.go, machine_model.go, model.go and
// reconcile.go here, and create.go, spec.go and command.go in package machine.
// These files call functions in other files, whose comments are enough to
// follow a create. Code for the deploy block is in deploy.go.
package server
