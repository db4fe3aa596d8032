// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build race

package provider_test

// oneIn is how many cells of the matrix stand for one that runs. Under the race
// detector a cell takes several times as long.
const oneIn = 3
