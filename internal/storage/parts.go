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

// staleAfter is how old a part must be to be that of an upload that was killed,
// whatever file it is of. No upload takes so long.
const staleAfter = 24 * time.Hour

// clean removes what earlier uploads of a file have left, and returns what
// uploads of its neighbours have: those may be under way. What cannot be removed,
// for one because it is open, is in nobody's way.
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

// cleanStale removes those of some parts that nobody writes any more. A release
// has a name of its own, so one whose upload was killed may never be uploaded
// again. The time is that of a file just written: the server's clock counts, and
// not ours.
func removeStaleParts(ctx context.Context, d driver, parts []Object, now time.Time) {
	for _, part := range parts {
		if now.Sub(part.Modified) > staleAfter {
			_ = d.remove(ctx, part.Path) // the next upload tries again
		}
	}
}

// discard removes a part, also when ctx has ended. A server that does not
// answer is not asked.
func (s *Store) discard(ctx context.Context, d driver, part string) {
	if errors.Is(context.Cause(ctx), ErrSilent) {
		return
	}
	ctx, stop := s.withTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer stop()
	_ = d.remove(ctx, part) // the next upload tries again
}
