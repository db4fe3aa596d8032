// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/cloudsoda/go-smb2"
)

const (
	// lockSuffix follows partInfix in the name of a lock file.
	lockSuffix = "lock"
	// lockPause is the pause between two attempts to take a lock, and lockTries
	// limits the number of attempts. A process holds a lock only for a few
	// requests.
	lockPause = 20 * time.Millisecond
	lockTries = 1500
)

// renameNew guards a rename with a lock file, because the library's rename
// replaces an existing file. The process that holds the lock keeps the lock
// file open, so no other process can remove that file. If the process is
// killed, the server closes the lock file and the next process removes it.
func (d *smbDriver) renameNew(ctx context.Context, from, to string) error {
	lock, err := d.lock(ctx, to+partInfix+lockSuffix)
	if err != nil {
		return err
	}
	defer func() {
		_ = lock.Close()                                                  // the server also closes the file after a lost connection
		_ = d.remove(context.WithoutCancel(ctx), to+partInfix+lockSuffix) // the next process tries again
	}()
	if _, err := d.stat(ctx, to); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return err
	}
	return d.rename(ctx, from, to)
}

// lock creates and holds a lock file. It removes a lock file that an ended
// process left behind; the server refuses to remove a lock file that a process
// still holds.
func (d *smbDriver) lock(ctx context.Context, at string) (*smb2.File, error) {
	var held *smb2.File
	for try := 0; ; try++ {
		err := d.run(ctx, func() (err error) {
			held, err = d.share.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			return err
		})
		if err == nil || !errors.Is(err, fs.ErrExist) && !inUse(err) {
			return held, err
		}
		if err := d.remove(ctx, at); err != nil && !errors.Is(err, fs.ErrNotExist) && !inUse(err) {
			return nil, err
		}
		if try == lockTries {
			return nil, ErrBusy
		}
		pause := d.clock.NewTimer(lockPause)
		select {
		case <-pause.Chan():
		case <-ctx.Done():
			pause.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// inUse reports whether an error says that another process has a file open or
// is about to remove it.
func inUse(err error) bool { return errors.Is(err, ErrBusy) || errors.Is(err, fs.ErrNotExist) }
