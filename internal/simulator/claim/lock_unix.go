// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package claim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// lock tries to lock the file and reports whether it succeeded.
func lock(file *os.File) (bool, error) {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// Dir creates the folder for the claims of this user and returns its path. The
// path does not depend on the environment, so all processes of the user share the
// folder.
func Dir() (string, error) {
	uid := strconv.Itoa(os.Getuid())
	dir := filepath.Join("/run/user", uid, "gogrid-simulator")
	if !isOwnFolder(filepath.Dir(dir)) {
		dir = filepath.Join("/tmp", "gogrid-simulator-"+uid)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("create the folder of running grids: %w", err)
	}
	if !isOwnFolder(dir) {
		return "", fmt.Errorf("the folder of running grids, %s, must belong to you and be closed to other users; remove it", dir)
	}
	return dir, nil
}

// isOwnFolder reports whether a folder belongs to this user and is closed to
// others.
func isOwnFolder(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
