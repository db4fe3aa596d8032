// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// A reader always finds a complete file while two folders are exchanged
// repeatedly.
func TestExchangeIsNeverSeen(t *testing.T) {
	t.Parallel()
	d, err := disk.Create(filepath.Join(t.TempDir(), "disk"), 1<<20)
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	for _, folder := range []string{"/srv/old", "/new"} {
		must(t, d.MkdirAll(folder, 0o755))
		must(t, save(d, folder+"/index.html", folder))
	}
	over := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		defer close(over)
		for range 200 {
			if err := d.Exchange("/srv/old", "/new"); err != nil {
				t.Error(err)
			}
		}
	})
	defer running.Wait()
	for {
		file, err := d.Open("/srv/old/index.html")
		must(t, err)
		text, err := io.ReadAll(file)
		must(t, errors.Join(err, file.Close()))
		if string(text) != "/srv/old" && string(text) != "/new" {
			t.Errorf("the file holds %q", text)
		}
		select {
		case <-over:
			return
		default:
		}
	}
}

func TestExchangeRefusals(t *testing.T) {
	t.Parallel()
	d, err := disk.Create(filepath.Join(t.TempDir(), "disk"), 1<<20)
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	must(t, d.MkdirAll("/a/b", 0o755))
	must(t, save(d, "/file", "text"))
	for _, names := range [][2]string{{"/a", "/a/b"}, {"/a/b", "/a"}, {"/a", "/"}, {"/", "/a"}} {
		if err := d.Exchange(names[0], names[1]); err == nil {
			t.Errorf("%v were exchanged", names)
		}
	}
	if err := d.Exchange("/a", "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an exchange with a missing file: %v, want ErrNotExist", err)
	}
	must(t, d.Exchange("/a", "/a"))
	must(t, d.Exchange("/a/b", "/file"))
	if found, err := d.Stat("/file"); err != nil || !found.IsDir() {
		t.Errorf("after the exchange of a file and a folder: %v, %v", found, err)
	}
}

func save(d *disk.Disk, name, text string) error {
	file, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}
