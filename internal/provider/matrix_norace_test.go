// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !race

package provider_test

// sampleEvery is the sampling interval of the matrix: one in sampleEvery cells
// runs.
const sampleEvery = 1
