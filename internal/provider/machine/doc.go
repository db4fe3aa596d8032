// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package machine manages the life cycle of a server or sandbox on the grid:
// finding, creating, adopting, changing, restarting and deleting it, and checking
// it in a plan. It is independent of resources and their models.
package machine
