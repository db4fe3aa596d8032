// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"errors"
	"fmt"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// maxChannels limits how many files in the channel folder namedByChannel reads. The
// limit is needed because every server can write to the folder.
const maxChannels = 100

// namedByChannel is a session.InUse that reports the channel file that names an
// archive. Terraform removes an archive before it creates the replacement and changes
// the channel. Servers that boot in between need the old archive.
//
// A file that does not hold a valid channel is ignored. A file that cannot be read
// counts as a channel that names the archive: the archive stays, and the destroy does
// not fail. An outage is an error.
func namedByChannel(ctx context.Context, store *storage.Store, at string) (string, error) {
	found, err := store.List(ctx, startup.ChannelFolder)
	if err != nil {
		return "", err
	}
	for _, file := range found[:min(len(found), maxChannels)] {
		pointer, err := readChannel(ctx, store, file.Path)
		var broken *brokenChannelError
		switch {
		case errors.As(err, &broken), storage.IsMissing(err):
		case storage.IsOutage(err), ctx.Err() != nil:
			return "", err
		case err != nil:
			return fmt.Sprintf("the channel file %s cannot be read and may name it: %v", file.Path, err), nil
		case storage.Fold(pointer.Archive) == storage.Fold(at):
			return fmt.Sprintf("the channel file %s names it", file.Path), nil
		}
	}
	return "", nil
}
