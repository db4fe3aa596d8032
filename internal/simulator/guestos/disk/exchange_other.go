// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package disk

// swap reports false: these systems cannot exchange two names atomically.
func (d *Disk) swap(string, string) (done bool, err error) { return false, nil }
