// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build race

package provider_test

// sampleEvery is the sampling interval of the matrix: one in sampleEvery cells
// runs. Under the race detector a cell takes several times as long.
const sampleEvery = 3
