// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package build makes images on the grid: it starts a sandbox, prepares it
// according to a recipe, saves it, and verifies the image on a server. It also
// edits and deletes saved images.
//
// A killed process saves no state, so a build records its progress in tags on the
// grid. The next build reads the tags and continues or cleans up. The package does
// not depend on resources or their models: gogrid_mygsi_image passes a Request.
package build
