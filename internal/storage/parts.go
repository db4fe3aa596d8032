// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"
)

// staleAfter is the age after which a part counts as left behind by a killed
// upload. No upload takes that long.
const staleAfter = 24 * time.Hour

// removeParts removes the parts of earlier uploads of a file. It returns the
// parts of other files in the folder, whose uploads may still be running.
// removeParts ignores parts that it cannot remove, for example because they are
// open.
func removeParts(ctx context.Context, d driver, at string) []Object {
	entries, err := d.list(ctx, folderOf(at))
	if err != nil {
		return nil
	}
	var others []Object
	for _, entry := range entries {
		part := newObject(path.Join(folderOf(at), entry.Name()), entry)
		switch {
		case strings.HasPrefix(part.Path, at+partInfix):
			_ = d.remove(ctx, part.Path)
		case isPart(entry.Name()) && entry.Mode().IsRegular():
			others = append(others, part)
		}
	}
	return others
}

// removeStaleParts removes the parts that are older than staleAfter. Each
// release has its own file name, so the file of a killed upload may never be
// uploaded again. now must be the modification time of a file that was just
// written, because ages are measured with the server's clock.
func removeStaleParts(ctx context.Context, d driver, parts []Object, now time.Time) {
	for _, part := range parts {
		if now.Sub(part.Modified) > staleAfter {
			_ = d.remove(ctx, part.Path) // the next upload tries again
		}
	}
}

// discard removes a part, even if ctx is done. If the server has stopped
// answering, discard does nothing.
func (s *Store) discard(ctx context.Context, d driver, part string) {
	if errors.Is(context.Cause(ctx), ErrSilent) {
		return
	}
	ctx, stop := s.withTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer stop()
	_ = d.remove(ctx, part) // the next upload tries again
}
