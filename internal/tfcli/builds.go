// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"os"
	"sync"
)

// Builds compiles programs of this repository once, at the first call of
// Programs, into a directory that Close removes. It is safe for concurrent use.
type Builds struct {
	packages []string

	once sync.Once
	dir  string
	err  error
}

// NewBuilds returns a Builds for packages, which are named as for [Build].
func NewBuilds(packages ...string) *Builds { return &Builds{packages: packages} }

// Programs returns the directory of the programs. The first call compiles them.
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

// Close removes the directory of the programs, if there is one.
func (w *Builds) Close() error {
	if w.dir == "" {
		return nil
	}
	return os.RemoveAll(w.dir)
}
