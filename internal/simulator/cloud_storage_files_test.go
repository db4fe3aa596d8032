// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/sftp"
)

func newShare(t *testing.T) *Grid {
	t.Helper()
	grid, err := New(Options{CloudStorage: &CloudStorageOptions{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	return grid
}

// If several clients create the same file with O_EXCL at once, exactly one
// client succeeds.
func TestCloudStorageCreatesExclusively(t *testing.T) {
	t.Parallel()
	grid := newShare(t)
	made := raced(t, grid, func(files *sftp.Client, _ string) error {
		file, err := files.OpenFile("lease.json", os.O_WRONLY|os.O_CREATE|os.O_EXCL)
		if err == nil {
			err = file.Close()
		}
		return err
	})
	want(t, "created files", made, 1)
}

// A rename does not replace a file; a POSIX rename does.
func TestCloudStorageRenames(t *testing.T) {
	t.Parallel()
	grid := newShare(t)
	files := shareOf(t, grid)
	moved := raced(t, grid, func(files *sftp.Client, name string) error {
		if err := saveFile(files, name, name); err != nil {
			t.Error(err)
		}
		return files.Rename(name, "target")
	})
	want(t, "successful renames to one name", moved, 1)
	if err := saveFile(files, "next", "next"); err != nil {
		t.Fatal(err)
	}
	if err := files.Rename("next", "target"); err == nil {
		t.Error("a rename replaced a file")
	}
	if _, found := files.HasExtension("posix-rename@openssh.com"); !found {
		t.Error("the server lacks the extension for a POSIX rename")
	}
	if err := files.PosixRename("next", "target"); err != nil {
		t.Error(err)
	}
	want(t, "the file", loadFile(t, files, "target"), "next")
	if _, err := files.Stat("next"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old name: %v", err)
	}
}

// raced lets several clients run an operation at once, each with its own name.
// It returns the number of clients that succeeded.
func raced(t *testing.T, grid *Grid, do func(files *sftp.Client, name string) error) int {
	t.Helper()
	begin, results := make(chan struct{}), make(chan error, 8)
	var running sync.WaitGroup
	for i := range cap(results) {
		files := shareOf(t, grid)
		running.Go(func() {
			<-begin
			results <- do(files, "own"+string(rune('a'+i)))
		})
	}
	close(begin)
	running.Wait()
	done := 0
	for range cap(results) {
		if <-results == nil {
			done++
		}
	}
	return done
}

// While a client replaces a file continuously, a reader gets either the
// complete old content or the complete new content.
func TestCloudStorageReplacesWhole(t *testing.T) {
	t.Parallel()
	grid := newShare(t)
	contents := []string{strings.Repeat("old\n", 20_000), strings.Repeat("new!", 30_000)}
	writer, reader := shareOf(t, grid), shareOf(t, grid)
	if err := saveFile(writer, "file", contents[0]); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		defer close(over)
		for i := range 20 {
			err := saveFile(writer, "temporary", contents[(i+1)%2])
			if err = errors.Join(err, writer.PosixRename("temporary", "file")); err != nil {
				t.Error(err)
			}
		}
	})
	for seen := 0; ; seen++ {
		if text := loadFile(t, reader, "file"); !slices.Contains(contents, text) {
			t.Errorf("a reader got %d bytes that are neither the old nor the new content", len(text))
		}
		select {
		case <-over:
			running.Wait()
			return
		default:
		}
	}
}

// No path reaches a file outside the folder, and the server offers only file
// transfer.
func TestCloudStorageIsConfined(t *testing.T) {
	t.Parallel()
	grid := newShare(t)
	files := shareOf(t, grid)
	if err := saveFile(files, "/../../file", "inside"); err != nil {
		t.Fatal(err)
	}
	want(t, "the file", loadFile(t, files, "file"), "inside")
	if err := files.Symlink("/etc", "out"); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Open("out/passwd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to a file of the host: %v", err)
	}
	login, err := grid.CloudStorage(DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	client, err := logIn(t, login)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Dial("tcp", "127.0.0.1:22"); err == nil {
		t.Error("the server forwards ports")
	}
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := session.Output("id"); err == nil || len(text) > 0 {
		t.Errorf("the server runs commands: %q", text)
	}
}

func TestCloudStorageHasALimit(t *testing.T) {
	t.Parallel()
	grid, err := New(Options{CloudStorage: &CloudStorageOptions{Limit: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	file, err := shareOf(t, grid).Create("file")
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(file, strings.Repeat("x", 2000))
	if err = errors.Join(err, file.Close()); err == nil {
		t.Error("a file larger than the limit was stored")
	}
}
