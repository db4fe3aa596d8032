// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package providertest holds helpers for the black-box tests of the provider's
// rooms: configurations of typical objects, prepared grids, and checks of a
// grid, a share or a plan. It builds on package acctest, which plays
// Terraform's part. Only tests may import it.
package providertest
