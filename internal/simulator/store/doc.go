// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package store keeps the records of a simulated grid in a state file. It knows kinds of records and their JSON, but not
// what they mean; package simulator does.
package store
