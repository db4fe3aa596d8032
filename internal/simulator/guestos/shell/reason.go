// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// reason formats the error of a file operation with the message of a real
// system.
func reason(name string, err error) error {
	words := err
	var path *fs.PathError
	if errors.As(err, &path) {
		words = path.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		words = errors.New("No such file or directory") //nolint:staticcheck // the words of real systems
	case errors.Is(err, fs.ErrExist):
		words = errors.New("File exists") //nolint:staticcheck // the words of real systems
	case errors.Is(err, syscall.ENOSPC):
		words = errors.New("No space left on device") //nolint:staticcheck // the words of real systems
	case errors.Is(err, syscall.ENOTDIR):
		words = errors.New("Not a directory") //nolint:staticcheck // the words of real systems
	}
	return fmt.Errorf("%s: %w", name, words)
}
