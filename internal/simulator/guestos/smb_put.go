// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// putPrefix starts the name of an incomplete upload.
const putPrefix = ".put-"

// put uploads a file atomically. Samba writes in place, so that a reader may
// find an incomplete file. In the simulator a reader never finds an incomplete
// file, which keeps tests deterministic.
func (c *smbClient) put(ctx context.Context, words []string) int {
	if len(words) == 0 {
		return c.usage("put <filename>")
	}
	local, at := words[0], c.sharePath(words[min(1, len(words)-1)])
	if found, err := c.Files.Stat(c.Path(local)); err != nil || found.IsDir() {
		fmt.Fprintf(c.Stdout, "%s does not exist\n", local)
		return 1
	}
	found, err := c.share.Stat(at)
	if err == nil && found.IsDir() {
		return c.failed(syscall.EISDIR, at, "opening remote file", backslashed(at))
	}
	temporary, err := c.temporary(at)
	if err == nil {
		err = transfer(ctx, c.Files, c.Path(local), c.share, temporary)
		if err == nil {
			err = c.share.Rename(temporary, at)
		}
		if err != nil {
			err = errors.Join(err, c.share.Remove(temporary))
		}
	}
	if err != nil {
		return c.failed(err, at, "opening remote file", backslashed(at))
	}
	fmt.Fprintf(c.Stderr, "putting file %s as %s\n", local, backslashed(at))
	return 0
}

// temporary creates an empty file with an unused name in the target's folder.
func (c *smbClient) temporary(at string) (string, error) {
	for i := 0; ; i++ {
		name := path.Join(path.Dir(at), fmt.Sprintf("%s%d-%s", putPrefix, i, path.Base(at)))
		file, err := c.share.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			return name, file.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
}

// removeParts deletes the incomplete uploads that a killed process left.
func removeParts(share disk.FS, dir string) error {
	entries, err := share.ReadDir(dir)
	for _, entry := range entries {
		at := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir():
			err = errors.Join(err, removeParts(share, at))
		case strings.HasPrefix(entry.Name(), putPrefix):
			err = errors.Join(err, share.Remove(at))
		}
	}
	return err
}
