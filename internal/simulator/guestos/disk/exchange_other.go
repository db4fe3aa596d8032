// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package disk

// swap exchanges two names in one step, which these systems cannot.
func (d *Disk) swap(string, string) (done bool, err error) { return false, nil }
