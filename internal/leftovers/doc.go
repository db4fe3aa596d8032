// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package leftovers finds and removes what interrupted applies leave behind:
// objects that carry the tag of a deployment and that no resource accounts for.
// It knows no Terraform.
package leftovers
