// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Folders on Cloud Storage.
const (
	leaseFolder = "leases/private-ip"
	pinFolder   = "servers"
)

// share returns the folder of Cloud Storage.
func (w *soakWorld) share() string {
	for _, flag := range w.grid.flags {
		if dir, found := strings.CutPrefix(flag, "--cloud-storage-dir="); found {
			return dir
		}
	}
	panic("the grid of a soak test must have the flag --cloud-storage-dir")
}

// shareFiles returns the sorted paths of all files on Cloud Storage below a
// folder, relative to the folder.
func (w *soakWorld) shareFiles(folder string) []string {
	w.t.Helper()
	var found []string
	accounts, err := filepath.Glob(filepath.Join(w.share(), "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, account := range accounts {
		root := filepath.Join(account, folder)
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil // deleted during the walk
			}
			if err != nil || entry.IsDir() || isPartialUpload(path) {
				return err
			}
			relative, err := filepath.Rel(root, path)
			found = append(found, filepath.ToSlash(relative))
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	slices.Sort(found)
	return found
}

// isPartialUpload reports whether a file is the incomplete part of a killed
// upload. The part does not name its owner, so only an upload of the same file
// may remove the part, and only after a day.
func isPartialUpload(path string) bool {
	if !strings.Contains(filepath.Base(path), ".part-") {
		return false
	}
	content, err := os.ReadFile(path)
	return err == nil && !json.Valid(content)
}

// openRestarts returns the number of pins with a restart that has not ended.
func (w *soakWorld) openRestarts() int {
	pins, _ := filepath.Glob(filepath.Join(w.share(), "*", pinFolder, "*.json")) // the pattern is valid
	count := 0
	for _, at := range pins {
		if pin, err := os.ReadFile(at); err == nil && strings.Contains(string(pin), `"turn": "restart"`) {
			count++
		}
	}
	return count
}
