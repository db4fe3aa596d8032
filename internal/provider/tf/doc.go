// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package tf connects resources to Terraform: it reads and writes state, builds
// diagnostics, and provides validators and parts of schemas. It does not depend
// on the session or on objects of the grid.
package tf
