// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// tree is the stored state of a server or an image: its disk and its device
// record.
type tree struct {
	disk   *disk.Disk
	device *device
}

const (
	filesName  = "disk"
	recordName = "device.json"
)

func openTree(dir string, limit int64) (*tree, error) {
	record, err := openDevice(filepath.Join(dir, recordName))
	if err != nil {
		return nil, err
	}
	files, err := disk.Open(filepath.Join(dir, filesName), limit)
	if err != nil {
		return nil, err
	}
	return &tree{files, record}, nil
}

// copyTo copies a tree to a folder. The folder gets its name only after the
// copy is complete.
func (t *tree) copyTo(ctx context.Context, dir string) error {
	temporary := dir + partial
	err := disk.Remove(temporary)
	if err == nil {
		err = os.Mkdir(temporary, 0o700)
	}
	if err == nil {
		err = t.disk.Clone(ctx, filepath.Join(temporary, filesName))
	}
	if err == nil {
		record := t.device.read()
		record.Installed = false
		err = writeRecord(filepath.Join(temporary, recordName), record)
	}
	if err == nil {
		err = os.Rename(temporary, dir)
	}
	if err != nil {
		return errors.Join(err, disk.Remove(temporary))
	}
	return nil
}
