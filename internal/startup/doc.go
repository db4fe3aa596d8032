// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package startup renders the files that make a server load its release at boot:
// the startup script of an image, the command that runs the script at every
// boot, the installer that runs the steps of a release's manifest, and the
// configuration of a DHCP server, because GoGrid's private networks have none.
//
// The package uses neither the network nor Terraform. The body of a script is
// fixed text, embedded from files that are linted and tested as they are. Only
// the list of values at its beginning differs between servers. All values pass
// through escape.go, which either represents a value exactly or rejects it.
//
// No rendered file contains a secret. Scripts read secrets from files on the
// server.
package startup
