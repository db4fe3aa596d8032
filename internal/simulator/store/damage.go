// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"fmt"
	"runtime/debug"
)

// CatchDamage calls read, which reads the state file at path, and returns an error if the file is damaged. The database maps
// the file into memory, so a corrupt page causes a panic, and a missing page causes a memory fault.
func CatchDamage(path string, read func() error) (err error) {
	if path == "" {
		return read()
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the state file is damaged (%v): use a copy or another path", cause)
		}
	}()
	return read()
}
