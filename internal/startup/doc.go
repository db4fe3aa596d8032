// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package startup renders what makes a server load its release when it boots:
// the script that is baked into an image, the entry that runs it, the installer
// that carries out a release's manifest, and the configuration of the DHCP
// service that private networks of GoGrid lack.
//
// Everything here is a function of its input, without network and without
// Terraform. What a script does is fixed text, embedded from files that are
// linted and run as they are; what differs between servers is a list of values
// at its beginning. Values get there only through escape.go, which carries a
// text whole or refuses it, and never changes one.
//
// Secrets are no part of any of it: a script knows the file that holds one.
package startup
