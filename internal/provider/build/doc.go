// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package build makes images on the grid: it starts a sandbox, prepares it by a
// recipe, saves it, and verifies the image on a server. It also edits and deletes
// saved images.
//
// A killed process saves no state, so a build records its progress in tags on the
// grid; the next build reads them and continues or cleans up. The package knows
// no resource and no model: gogrid_mygsi_image hands it a Request.
package build
