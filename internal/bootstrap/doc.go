// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package bootstrap builds bootstrap archives: the zip that a server loads at
// start-up, so that the image can stay put while the app changes.
//
// Everything here is a function of its input: no network, no clock, and the
// same recipe gives the same bytes on every run, operating system and Go
// release. That is what lets a digest stand for an archive: a digest taken
// while planning still holds when another machine builds the archive again
// while applying.
package bootstrap
