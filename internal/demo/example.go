// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// takeExample copies an example into a folder. It leaves out what a run in the
// example's own folder creates: the state, the working files of the engine, and
// the simulated grid. With them the demo would begin with the objects of another
// grid.
func takeExample(into, example string) error {
	return filepath.WalkDir(example, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(example, path)
		switch {
		case err != nil:
			return err
		case isLeft(entry.Name()) && relative != ".":
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(into, relative), 0o755)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(into, relative), content, info.Mode().Perm())
	})
}

// isLeft reports whether a file or folder comes from a run.
func isLeft(name string) bool {
	return strings.HasPrefix(name, ".terraform") || strings.Contains(name, ".tfstate") || strings.HasSuffix(name, ".tfvars") ||
		strings.HasSuffix(name, ".db") || strings.Contains(name, ".db.")
}
