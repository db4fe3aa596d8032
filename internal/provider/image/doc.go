// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package image holds gogrid_mygsi_image and the data sources gogrid_image and
// gogrid_images. It exports their constructors, and DefaultMaxDuration for the test
// that compares attribute texts with constants. Package build does the work on the
// grid.
package image
