// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package leftovers holds the data source gogrid_leftovers: it compares the tagged
// objects on the grid with the resources of a configuration. It exports the
// constructor.
package leftovers
