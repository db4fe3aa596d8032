// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package tf holds what every resource needs to talk to Terraform: reading and
// writing state, building diagnostics, parts of schemas, and validators. It
// knows nothing of the session or of single objects on the grid.
package tf
