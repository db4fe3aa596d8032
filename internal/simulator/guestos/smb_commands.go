// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
)

const (
	nameMissing = "NT_STATUS_OBJECT_NAME_NOT_FOUND"
	pathMissing = "NT_STATUS_OBJECT_PATH_NOT_FOUND"
	fileMissing = "NT_STATUS_NO_SUCH_FILE"
)

// sharePath returns the absolute path of a name on the share. The name may
// contain backslashes.
func (c *smbClient) sharePath(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	if !path.IsAbs(name) {
		name = path.Join(c.dir, name)
	}
	return path.Clean(name)
}

// backslashed returns a path with backslashes, as smbclient prints it in
// messages.
func backslashed(at string) string { return strings.ReplaceAll(at, "/", `\`) }

// failed prints an error with its NT status and returns the exit code.
func (c *smbClient) failed(err error, at, doing, names string) int {
	fmt.Fprintf(c.Stdout, "%s %s %s\n", c.status(err, at), doing, names)
	return 1
}

func (c *smbClient) status(err error, at string) string {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		if found, missing := c.share.Stat(path.Dir(at)); missing != nil || !found.IsDir() {
			return pathMissing
		}
		return nameMissing
	case errors.Is(err, syscall.ENOTEMPTY):
		return "NT_STATUS_DIRECTORY_NOT_EMPTY"
	case errors.Is(err, fs.ErrExist):
		return "NT_STATUS_OBJECT_NAME_COLLISION"
	case errors.Is(err, syscall.EISDIR):
		return "NT_STATUS_FILE_IS_A_DIRECTORY"
	case errors.Is(err, syscall.ENOSPC):
		return "NT_STATUS_DISK_FULL"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "NT_STATUS_CONNECTION_DISCONNECTED"
	}
	return "NT_STATUS_ACCESS_DENIED"
}

func (c *smbClient) usage(text string) int {
	fmt.Fprintln(c.Stdout, text)
	return 1
}

func (c *smbClient) cd(_ context.Context, words []string) int {
	if len(words) == 0 {
		fmt.Fprintf(c.Stdout, "Current directory is %s\n", backslashed(c.dir))
		return 0
	}
	at := c.sharePath(words[0])
	if found, err := c.share.Stat(at); err != nil || !found.IsDir() {
		fmt.Fprintf(c.Stdout, "cd %s\\: %s\n", backslashed(at), nameMissing)
		return 1
	}
	c.dir = at
	return 0
}

// ls lists the entries that match a mask. If the mask is the name of a folder,
// ls lists the folder itself, not its content.
func (c *smbClient) ls(_ context.Context, words []string) int {
	at := path.Join(c.dir, "*")
	if len(words) > 0 {
		at = c.sharePath(words[0])
	}
	found, status := c.matching(at)
	if status != "" {
		fmt.Fprintf(c.Stdout, "%s listing %s\n", status, backslashed(at))
		return 1
	}
	for _, info := range found {
		kind := "N"
		if info.IsDir() {
			kind = "D"
		}
		size := info.Size()
		if info.IsDir() {
			size = 0
		}
		fmt.Fprintf(c.Stdout, "  %-30s %6s %8d  %s\n", info.Name(), kind, size, info.ModTime().UTC().Format("Mon Jan _2 15:04:05 2006"))
	}
	return 0
}

// matching returns the entries that match a mask, or an NT status if there are
// none.
func (c *smbClient) matching(at string) (found []fs.FileInfo, status string) {
	entries, err := c.share.ReadDir(path.Dir(at))
	if err != nil {
		return nil, nameMissing
	}
	for _, entry := range entries {
		matches, err := path.Match(path.Base(at), entry.Name())
		if err != nil || !matches {
			continue
		}
		if info, err := entry.Info(); err == nil { // otherwise it was removed meanwhile
			found = append(found, info)
		}
	}
	if len(found) == 0 && path.Base(at) != "*" {
		return nil, fileMissing
	}
	return found, ""
}

func (c *smbClient) get(ctx context.Context, words []string) int {
	if len(words) == 0 {
		return c.usage("get <filename> [localname]")
	}
	at, local := c.sharePath(words[0]), path.Base(c.sharePath(words[0]))
	if len(words) > 1 {
		local = words[1]
	}
	found, err := c.share.Stat(at)
	if err == nil && found.IsDir() {
		err = syscall.EISDIR
	}
	if err != nil {
		return c.failed(err, at, "opening remote file", backslashed(at))
	}
	if err := transfer(ctx, c.share, at, c.Files, c.Path(local)); err != nil {
		fmt.Fprintf(c.Stdout, "Error opening local file %s\n", local)
		return 1
	}
	fmt.Fprintf(c.Stderr, "getting file %s of size %d as %s\n", backslashed(at), found.Size(), local)
	return 0
}

// mkdir creates a folder. Like Samba, mkdir and rmdir print an error but return
// success.
func (c *smbClient) mkdir(_ context.Context, words []string) int {
	if len(words) == 0 {
		return c.usage("mkdir <dirname>")
	}
	at := c.sharePath(words[0])
	if err := c.share.Mkdir(at, 0o755); err != nil {
		c.failed(err, at, "making remote directory", backslashed(at))
	}
	return 0
}

func (c *smbClient) rmdir(_ context.Context, words []string) int {
	if len(words) == 0 {
		return c.usage("rmdir <dirname>")
	}
	at := c.sharePath(words[0])
	found, err := c.share.Lstat(at)
	if err == nil && !found.IsDir() {
		err = syscall.ENOTDIR
	}
	if err == nil {
		err = c.share.Remove(at)
	}
	if err != nil {
		c.failed(err, at, "removing remote directory file", backslashed(at))
	}
	return 0
}

// del deletes the files that match a mask. It does not delete folders.
func (c *smbClient) del(_ context.Context, words []string) int {
	if len(words) == 0 {
		return c.usage("del <filename>")
	}
	at := c.sharePath(words[0])
	found, status := c.matching(at)
	found = slices.DeleteFunc(found, fs.FileInfo.IsDir)
	if status == "" && len(found) == 0 {
		status = fileMissing
	}
	if status != "" {
		fmt.Fprintf(c.Stdout, "%s listing %s\n", status, backslashed(at))
		return 1
	}
	for _, info := range found {
		name := path.Join(path.Dir(at), info.Name())
		if err := c.share.Remove(name); err != nil {
			return c.failed(err, name, "deleting remote file", backslashed(name))
		}
	}
	return 0
}

// rename renames a file. It replaces an existing file only with -f.
func (c *smbClient) rename(_ context.Context, words []string) int {
	if len(words) < 2 {
		return c.usage("rename <src> <dest> [-f]")
	}
	from, to := c.sharePath(words[0]), c.sharePath(words[1])
	move := c.share.RenameNew
	if slices.Contains(words[2:], "-f") {
		move = c.share.Rename
	}
	if err := move(from, to); err != nil {
		return c.failed(err, from, "renaming files", backslashed(from)+" -> "+backslashed(to))
	}
	return 0
}
