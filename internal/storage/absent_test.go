// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestAbsence checks on each kind of share that a file counts as absent if a
// listing lacks the file or a folder of its path, but not if the share lists no
// files at all.
func TestAbsence(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		s.write(t, "releases/new/app.zip", "x")
		s.write(t, "a file", "x")
		check(t, os.Mkdir(filepath.Join(s.dir, "empty"), 0o777))
		for at, want := range map[string]bool{
			"releases/new/app.zip": false, "a file": false,
			"releases/new/other": true, "releases/old/app.zip": true, "none/app.zip": true, "empty/app.zip": true,
			"releases": true,
		} {
			if absent, err := store.Absent(t.Context(), at); absent != want || err != nil {
				t.Errorf("%s is absent: %t (%v), want %t", at, absent, err, want)
			}
		}
		check(t, os.RemoveAll(filepath.Join(s.dir, "releases")))
		check(t, os.RemoveAll(filepath.Join(s.dir, "empty")))
		check(t, os.Remove(filepath.Join(s.dir, "a file")))
		for _, left := range []string{"", "lost+found/x", ".ssh/known_hosts"} {
			if left != "" {
				s.write(t, left, "x")
			}
			for _, at := range []string{"releases/new/app.zip", "a file"} {
				wantUnproven(t, second(store.Absent(t.Context(), at)), "shows no files at all")
				wantUnproven(t, second(store.Read(t.Context(), at, 9)), "shows no files at all")
				check(t, store.Remove(t.Context(), at))
			}
		}
		wantList(t, store, "releases/")
	})
}

func wantUnproven(t testing.TB, err error, says string) {
	t.Helper()
	if !storage.IsUnproven(err) || errors.Is(err, fs.ErrNotExist) || !storage.IsMissing(err) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want an unproven absence: %s", err, says)
	}
}

// TestOneWrongAnswer checks that the answer "no such file" proves the absence only if
// the listings agree.
func TestOneWrongAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers map[string]error // by operation and path
		says    string           // empty: the absence is proven
	}{
		"a stat":                         {answers: map[string]error{"Stat releases/app.zip": fs.ErrNotExist}, says: "holds it"},
		"all stats below a folder":       {answers: map[string]error{"Stat releases/app.zip": fs.ErrNotExist, "List releases": fs.ErrNotExist}, says: "holds it"},
		"an empty share":                 {answers: map[string]error{"Stat releases/app.zip": fs.ErrNotExist, "List .": storagetest.ErrEmpty}, says: "no files at all"},
		"a folder that cannot be listed": {answers: map[string]error{"Stat releases/app.zip": fs.ErrNotExist, "List releases": fs.ErrPermission}, says: "cannot be listed"},
		"a root that cannot be listed":   {answers: map[string]error{"Stat releases/app.zip": fs.ErrNotExist, "List .": fs.ErrPermission}, says: "cannot be listed"},
		"an empty folder":                {answers: map[string]error{"Stat releases/app.zip": fs.ErrNotExist, "List releases": storagetest.ErrEmpty}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storagetest.Start(t)
			store := storage.New(storage.Config{
				Protocol: storage.SFTP, Host: server.Host, Port: server.Port, HostKey: server.HostKey,
				Username: storagetest.Username, Password: storagetest.Password,
			}, storage.Options{})
			t.Cleanup(func() { _ = store.Close() })
			check(t, second(store.Put(t.Context(), "releases/app.zip", storage.Bytes([]byte("x")))))
			server.OnFile(func(operation, at string) error { return c.answers[operation+" "+at] })
			absent, err := store.Absent(t.Context(), "releases/app.zip")
			if c.says == "" {
				if !absent || err != nil {
					t.Errorf("absent: %t, %v", absent, err)
				}
				return
			}
			wantUnproven(t, err, c.says)
		})
	}
}

// TestRemovalIsProven checks that a removal fails if the server answers "no such file"
// but still lists the file.
func TestRemovalIsProven(t *testing.T) {
	t.Parallel()
	s, server := sftpShare(t)
	store := s.open(t)
	s.write(t, "r/app.zip", "x")
	server.OnFile(func(operation, _ string) error {
		if operation == "Remove" || operation == "Rmdir" {
			return fs.ErrNotExist
		}
		return nil
	})
	wantUnproven(t, store.Remove(t.Context(), "r/app.zip"), "holds it")
	server.OnFile(nil)
	check(t, store.Remove(t.Context(), "r/app.zip"))
	s.wantFiles(t, nil)
}

// TestFileThatComesBetweenTwoLooks checks that Read finds a file that appears
// between the two checks.
func TestFileThatComesBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	s, server := sftpShare(t)
	store := s.open(t)
	s.write(t, "other", "x")
	server.OnFile(func(operation, _ string) error {
		if operation == "List" {
			s.write(t, "r/app.zip", "x")
		}
		return nil
	})
	if text, err := store.Read(t.Context(), "r/app.zip", 9); err != nil || string(text) != "x" {
		t.Errorf("read %q, %v", text, err)
	}
}

// TestSame checks that Same treats two spellings as the same file only if the
// share does.
func TestSame(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		check(t, second(store.Put(t.Context(), "Releases/App.zip", storage.Bytes([]byte("x")))))
		_, err := store.Stat(t.Context(), "releases/APP.zip", storage.Object{})
		ignoresCase := err == nil
		if same, err := store.Same(t.Context(), "Releases/App.zip", "releases/APP.zip"); same != ignoresCase || err != nil {
			t.Errorf("same: %t (%v), but the share ignores case: %t", same, err, ignoresCase)
		}
		// Two entries are different files, even if their sizes and times are
		// equal.
		s.write(t, "two/app.zip", "x")
		s.write(t, "two/App.zip", "x")
		s.write(t, "two/e\u0301.zip", "x")
		s.write(t, "two/\u00e9.zip", "x")
		now := s.modified(t, "Releases/App.zip")
		for _, name := range []string{"app.zip", "App.zip", "e\u0301.zip", "\u00e9.zip"} {
			check(t, os.Chtimes(filepath.Join(s.dir, "two", name), now, now))
		}
		for a, b := range map[string]string{"two/app.zip": "two/App.zip", "two/e\u0301.zip": "two/\u00e9.zip", "two/app.zip ": "two/none"} {
			if same, err := store.Same(t.Context(), a, b); same || err != nil {
				t.Errorf("%q and %q count as one file (%v)", a, b, err)
			}
		}
		check(t, os.Symlink("two", filepath.Join(s.dir, "link")))
		if _, err := store.Stat(t.Context(), "link/app.zip", storage.Object{}); err == nil && !ignoresCase {
			if same, err := store.Same(t.Context(), "link/app.zip", "two/app.zip"); !same || err != nil {
				t.Errorf("a file and a link to its folder count as two files (%v)", err)
			}
		}
	})
}

// TestExclusiveIsWhole checks that exactly one of many concurrent creations succeeds,
// and that the file is complete.
func TestExclusiveIsWhole(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		stores := []*storage.Store{s.open(t), s.open(t)}
		const takers = 12
		results := make(chan error, takers)
		for i := range takers {
			go func() {
				results <- stores[i%2].CreateExclusive(context.WithoutCancel(t.Context()), "leases/a.json", []byte{byte('a' + i)})
			}()
		}
		won := 0
		for range takers {
			if err := <-results; err == nil {
				won++
			} else if !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d creations succeeded, want one", won)
		}
		text, err := os.ReadFile(filepath.Join(s.dir, "leases", "a.json"))
		if err != nil || len(text) != 1 {
			t.Errorf("the file holds %q (%v)", text, err)
		}
		s.wantFiles(t, map[string]string{"leases/a.json": string(text)})
	})
}

// TestExclusiveSendsAPart checks that a file is written under the name of a
// part, and that a part left by a killed process does not count as a file.
func TestExclusiveSendsAPart(t *testing.T) {
	t.Parallel()
	s, server := sftpShare(t)
	store := s.open(t)
	var opened []string
	server.OnFile(func(operation, at string) error {
		if operation == "Put" {
			opened = append(opened, at)
		}
		return nil
	})
	check(t, store.CreateExclusive(t.Context(), "l/a.json", []byte("x")))
	for _, at := range opened {
		if at == "l/a.json" {
			t.Error("the file was written under its own name")
		}
	}
	check(t, store.Remove(t.Context(), "l/a.json"))
	s.write(t, "l/a.json.part-killed", "")
	wantList(t, store, "l/")
	check(t, store.CreateExclusive(t.Context(), "l/a.json", []byte("x")))
	check(t, store.Remove(t.Context(), "l/a.json"))
	s.wantFiles(t, nil)
}

// TestPutReplacesNothingThatCame checks that the first upload of a file does not
// replace a file that appears during the upload.
func TestPutReplacesNothingThatCame(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		upload := storage.Bytes([]byte("ours"))
		upload.Replace = false
		open := upload.Open
		s.write(t, "r/other", "")
		upload.Open = func() (io.ReadCloser, error) {
			s.write(t, "r/app.zip", "their content")
			return open()
		}
		if _, err := s.open(t).Put(t.Context(), "r/app.zip", upload); !errors.Is(err, storage.ErrOtherContent) {
			t.Errorf("got %v", err)
		}
		s.wantFiles(t, map[string]string{"r/app.zip": "their content", "r/other": ""})
	})
}
