// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package sweep implements the command "sweep" of the provider's binary. The command
// lists the leftovers of a deployment's interrupted applies, and removes them.
package sweep
