// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package sweep is the command "sweep" of the provider's program: it lists what
// interrupted applies of a deployment left on the grid, and removes it.
package sweep
