// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// exclusiveTries limits how often CreateExclusive sends a file if other
// processes keep removing its part.
const exclusiveTries = 5

// CreateExclusive creates a file that must not exist. If several processes try
// at the same time, exactly one succeeds and the others get fs.ErrExist. The
// file is created atomically: a process that is killed leaves at most a part.
func (s *Store) CreateExclusive(ctx context.Context, at string, content []byte) error {
	return s.do(ctx, request{verb: "create", path: at, noRetry: true}, func(ctx context.Context, d driver) error {
		if _, err := d.stat(ctx, at); !errors.Is(err, fs.ErrNotExist) {
			if err == nil {
				err = fs.ErrExist
			}
			return err
		}
		for range exclusiveTries {
			err := s.createWhole(ctx, d, at, content)
			if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			// Another process removed the part: a process that removes or
			// uploads a file also removes all its parts.
		}
		return fmt.Errorf("another process removed the uploaded part %d times before it could be renamed", exclusiveTries)
	})
}

// createWhole sends a part and renames it to the name of the file. The error is
// fs.ErrNotExist if another process removed the part in the meantime.
func (s *Store) createWhole(ctx context.Context, d driver, at string, content []byte) error {
	part := partName(at)
	err := d.write(ctx, part, bytes.NewReader(content), true)
	if errors.Is(err, fs.ErrNotExist) && folderOf(at) != "" {
		if err = d.mkdir(ctx, folderOf(at)); err == nil {
			err = d.write(ctx, part, bytes.NewReader(content), true)
		}
	}
	if err == nil {
		err = d.renameNew(ctx, part, at)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.discard(ctx, d, part)
	}
	return err
}
