// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package disk

import (
	"errors"
	"io/fs"
)

func reflink(string, string, fs.FileInfo) error { return errors.ErrUnsupported }
