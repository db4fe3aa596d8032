// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package tf connects resources to Terraform: reading and writing state,
// building diagnostics, parts of schemas, and validators. It does not depend on
// the session or on objects of the grid.
package tf
