// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"io"
	"io/fs"
)

// driver is a connection to a share in one protocol. Several operations may be
// under way at a time. Each ends soon after its context does. Errors are those
// of the protocol, but a missing file is fs.ErrNotExist, one that is in the way
// fs.ErrExist, and what the account may not do fs.ErrPermission.
type driver interface {
	// write fills a file, a new one or, unless it must be exclusive, an old
	// one. When it cannot be opened, nothing was read from content.
	write(ctx context.Context, path string, content io.Reader, exclusive bool) error
	// read writes the content of a file to a writer.
	read(ctx context.Context, path string, to io.Writer) error
	stat(ctx context.Context, path string) (fs.FileInfo, error)
	// list is what is in a folder; "" is the share itself.
	list(ctx context.Context, folder string) ([]fs.FileInfo, error)
	// mkdir makes a folder and those it is in.
	mkdir(ctx context.Context, folder string) error
	remove(ctx context.Context, path string) error
	// rename puts a file in the place of another in one step.
	rename(ctx context.Context, from, to string) error
	// renameNew gives a file a name that no other file may have, in one step. The
	// error is fs.ErrExist if there is one.
	renameNew(ctx context.Context, from, to string) error
	close()
}
