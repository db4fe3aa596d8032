// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package server holds gogrid_server, gogrid_sandbox and the ephemeral resource
// gogrid_server_password. It exports their constructors.
//
// A sandbox is a server with a flag, so both resources share one life: the files
// machine_*.go hold it behind the interface machineObject.
package server
