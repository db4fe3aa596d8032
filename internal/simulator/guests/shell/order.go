// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"io/fs"
	"slices"
)

func sortByTime(entries []fs.DirEntry) {
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int {
		one, err := a.Info()
		other, otherErr := b.Info()
		if err != nil || otherErr != nil {
			return 0 // removed meanwhile
		}
		return other.ModTime().Compare(one.ModTime())
	})
}

func reverse(entries []fs.DirEntry) { slices.Reverse(entries) }
