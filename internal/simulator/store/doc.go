// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package store keeps the records of a simulated grid in a state file. It stores records of several kinds as JSON, but does
// not interpret them: package simulator defines their contents.
package store
