// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package providertest holds helpers for the black-box tests of the provider's
// packages: configurations of typical objects, prepared grids, and checks of a
// grid, a share or a plan. It builds on package acctest, which plays the part
// of Terraform. Only tests may import it.
package providertest
