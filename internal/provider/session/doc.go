// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package session holds one configured provider in one process: the client,
// the pool of addresses, Cloud Storage, and what this process has planned, seen
// and changed so far. Every resource of a provider configuration shares one
// session; an alias has its own, and so has the next command.
package session
