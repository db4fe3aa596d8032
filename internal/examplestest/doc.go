// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package examplestest holds only tests. The tests apply every configuration
// below examples/ with the real Terraform or OpenTofu, each on its own grid.
package examplestest
