// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package resilience

import "testing"

func TestAccResilience(t *testing.T) {
	t.Skip("the tests need Unix signals, which this system does not have")
}
