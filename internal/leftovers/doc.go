// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package leftovers finds and removes the leftovers of interrupted applies: objects
// that carry the tag of a deployment and that no resource manages. It does not depend
// on Terraform.
package leftovers
