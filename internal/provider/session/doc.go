// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package session holds one configured provider in one process: the client, the
// pool of addresses, Cloud Storage, and what this process has planned, seen and
// changed so far. All resources of a provider configuration share one session.
// Each alias and each command has its own session.
package session
