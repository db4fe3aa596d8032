// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CopyConfiguration copies the folder of a configuration. It leaves out files
// that a run in the folder creates: the state, the working files of the engine,
// values of variables, and a simulated grid. With these files, the copy would
// start with the objects of another grid.
func CopyConfiguration(into, from string) error {
	root, err := os.OpenRoot(from)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only read
	files := root.FS()
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case isRunArtifact(entry.Name()) && entry.IsDir():
			return fs.SkipDir
		case isRunArtifact(entry.Name()):
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(into, filepath.FromSlash(name)), 0o750)
		}
		return copyFile(files, name, filepath.Join(into, filepath.FromSlash(name)))
	})
}

func copyFile(files fs.FS, name, into string) error {
	info, err := fs.Stat(files, name)
	if err != nil {
		return err
	}
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	return os.WriteFile(into, content, info.Mode().Perm())
}

// isRunArtifact reports whether a run creates a file or folder with this name.
func isRunArtifact(name string) bool {
	return strings.HasPrefix(name, ".terraform") || strings.Contains(name, ".tfstate") || strings.HasSuffix(name, ".tfvars") ||
		strings.HasSuffix(name, ".db") || strings.Contains(name, ".db.")
}
