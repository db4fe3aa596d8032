// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package machine holds the life of a server or sandbox on the grid: finding,
// creating, adopting, changing, restarting and deleting it, and the checks of a
// plan that concern it. It knows no resource and no model.
package machine
