// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

// Read opens an existing state file, calls use, and closes the file without changing it. The store is valid until use returns.
// Read returns an [InUseError] if a grid has the file open.
func Read(path string, use func(*Store) error) (err error) {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("read the state file: %w", err)
	}
	claimed, err := claimState(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, releaseState(claimed)) }()
	return CatchDamage(path, func() error {
		db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
		if err != nil {
			return explainOpen(path, err)
		}
		if err = db.View(checkLayout); err != nil {
			err = fmt.Errorf("read the state file %s: %w", path, err)
		} else {
			err = use(&Store{path: path, db: db})
		}
		return errors.Join(err, db.Close())
	})
}
