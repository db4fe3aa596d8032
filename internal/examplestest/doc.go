// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package examplestest holds no code but tests: they apply every configuration
// below examples/ with the real Terraform or OpenTofu, each on a grid of its
// own.
package examplestest
