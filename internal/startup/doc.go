// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package startup renders the files that make a server load its release at
// boot: the startup script of an image, the command that runs the script at
// every boot, and the installer that runs the steps of a release's manifest. It
// also renders the configuration of a DHCP server, because GoGrid's private
// networks have no DHCP service.
//
// The package uses neither the network nor Terraform. The body of a script is
// fixed text, embedded from files that are linted and tested unchanged. Only
// the list of values at the beginning of the script differs between servers.
// All values pass through escape.go, which either represents a value exactly or
// rejects it.
//
// No rendered file contains a secret. Scripts read secrets from files on the
// server.
package startup
