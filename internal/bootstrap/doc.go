// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package bootstrap builds bootstrap archives. A bootstrap archive is a zip file
// that a server loads at boot, so the app can change without a new image.
//
// The package uses neither the network nor the clock. The same recipe produces
// the same bytes on every run, operating system and Go release. A digest
// therefore identifies an archive: the digest from a plan still matches when
// another machine builds the archive again during the apply.
package bootstrap
