// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"runtime/debug"
)

// damageTold runs read, which reads the state file, and turns what a damaged file ends in into an error: the store maps the file
// into memory, so a page that contradicts the others is a panic there, and one that is missing is a fault.
func damageTold(path string, read func() error) (err error) {
	if path == "" {
		return read()
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the state file is damaged (%v): use a copy of it or another path", cause)
		}
	}()
	return read()
}
