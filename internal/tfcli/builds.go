// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"os"
	"sync"
)

// Builds builds programs of this repository once, when somebody first asks
// for them, into a directory that Close removes. It is safe for concurrent use.
type Builds struct {
	packages []string

	once sync.Once
	dir  string
	err  error
}

// NewBuilds makes a Workshop of the given packages, named as Build takes
// them.
func NewBuilds(packages ...string) *Builds { return &Builds{packages: packages} }

// Programs returns the directory that holds the programs.
func (w *Builds) Programs(ctx context.Context) (string, error) {
	w.once.Do(func() { w.dir, w.err = w.build(ctx) })
	return w.dir, w.err
}

func (w *Builds) build(ctx context.Context) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "gogrid-programs-")
	if err != nil {
		return "", err
	}
	return dir, Build(ctx, root, dir, w.packages...)
}

// Close removes what was built, if anything was.
func (w *Builds) Close() error {
	if w.dir == "" {
		return nil
	}
	return os.RemoveAll(w.dir)
}
