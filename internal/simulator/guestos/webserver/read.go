// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package webserver

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// readFile reads a file of the guest, up to maxFile bytes. Errors have the
// messages of the operating system.
func readFile(files disk.FS, name string) (string, error) {
	file, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("No such file or directory") //nolint:staticcheck // text of the operating system
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // only read
	if found, err := file.Stat(); err == nil && found.IsDir() {
		return "", errors.New("Is a directory") //nolint:staticcheck // text of the operating system
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("the file is larger than %d bytes", maxFile)
	}
	return string(text), err
}

// glob returns the files that match a path, sorted by name. Only the last part
// of the path may be a pattern. If the path is a folder, glob returns all its
// files.
func glob(files disk.FS, pattern string) []string {
	if found, err := files.Stat(pattern); err == nil && found.IsDir() {
		pattern = path.Join(pattern, "*")
	}
	entries, err := files.ReadDir(path.Dir(pattern))
	if err != nil {
		return nil
	}
	var all []string
	for _, entry := range entries {
		if matches, err := path.Match(path.Base(pattern), entry.Name()); err == nil && matches && !strings.HasPrefix(entry.Name(), ".") {
			all = append(all, path.Join(path.Dir(pattern), entry.Name()))
		}
	}
	return all
}

func hasPattern(name string) bool { return strings.ContainsAny(name, "*?[") }
