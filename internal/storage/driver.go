// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"io"
	"io/fs"
)

// driver is a connection to a share over one protocol. Its methods may be
// called concurrently, and return soon after their context is done. They return
// the errors of the protocol, but these match fs.ErrNotExist for a missing
// file, fs.ErrExist for an existing file, and fs.ErrPermission if the account
// lacks the permission.
type driver interface {
	// write writes content to a file. If the file exists, write replaces it, or
	// returns an error if exclusive is set. If the file cannot be opened, write
	// reads nothing from content.
	write(ctx context.Context, path string, content io.Reader, exclusive bool) error
	// read copies the content of a file to a writer.
	read(ctx context.Context, path string, to io.Writer) error
	stat(ctx context.Context, path string) (fs.FileInfo, error)
	// list returns the entries of a folder; "" is the root of the share.
	list(ctx context.Context, folder string) ([]fs.FileInfo, error)
	// mkdir creates a folder and its missing parents.
	mkdir(ctx context.Context, folder string) error
	remove(ctx context.Context, path string) error
	// rename renames a file in one step. It replaces an existing file.
	rename(ctx context.Context, from, to string) error
	// renameNew renames a file in one step. The error is fs.ErrExist if the new name
	// is taken.
	renameNew(ctx context.Context, from, to string) error
	close()
}
