// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package client speaks GoGrid's HTTP API (version 1.9) with Go types. It knows
// nothing of Terraform.
//
// A [Client] holds one typed service per kind of object. Two parts of it exist
// so that a large grid costs few calls: the [Watch], through which everybody
// who waits for a change shares one list per tick, and the [Snapshot], through
// which everybody who reads shares one list per refresh.
//
// What is said here about the service comes from recorded answers, from
// GoGrid's own wiki, or from what other clients relied on; where a fact is
// surprising its comment says which.
package client
