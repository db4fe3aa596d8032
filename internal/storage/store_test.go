// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

func TestLife(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		big := bigContent(5<<20 + 12345)
		for at, content := range map[string][]byte{"app.zip": big, "releases/2026/r 1.zip": big[:100], "releases/é日.txt": {}, "status/web1.json": []byte("{}")} {
			placed, err := store.Put(t.Context(), at, storage.Bytes(content))
			check(t, err)
			if placed.Path != at || placed.Size != int64(len(content)) || placed.SHA256 != sum(content) || placed.Modified.IsZero() {
				t.Errorf("%s was uploaded as %+v", at, placed)
			}
			found, err := store.Stat(t.Context(), at, placed)
			check(t, err)
			if found != placed {
				t.Errorf("%s: got %+v, but Put returned %+v", at, found, placed)
			}
			var got bytes.Buffer
			read, err := store.Get(t.Context(), at, &got)
			check(t, err)
			if !bytes.Equal(got.Bytes(), content) || read.SHA256 != placed.SHA256 {
				t.Errorf("%s: read %d bytes with SHA-256 %s", at, got.Len(), read.SHA256)
			}
		}
		s.wantFiles(t, map[string]string{"app.zip": string(big), "releases/2026/r 1.zip": string(big[:100]), "releases/é日.txt": "", "status/web1.json": "{}"})
		wantList(t, store, "", "app.zip", "releases/2026/r 1.zip", "releases/é日.txt", "status/web1.json")
		wantList(t, store, "releases/", "releases/2026/r 1.zip", "releases/é日.txt")
		wantList(t, store, "releases/2", "releases/2026/r 1.zip")
		wantList(t, store, "re", "releases/2026/r 1.zip", "releases/é日.txt")
		wantList(t, store, "none/")

		check(t, store.Rename(t.Context(), "status/web1.json", "releases/é日.txt"))
		if text, err := store.Read(t.Context(), "releases/é日.txt", 2); err != nil || string(text) != "{}" {
			t.Errorf("after a rename over it, it holds %q (%v)", text, err)
		}
		if _, err := store.Read(t.Context(), "releases/é日.txt", 1); err == nil || !strings.Contains(err.Error(), "larger") {
			t.Errorf("a file that is too large: got %v", err)
		}
		for _, at := range []string{"status/web1.json", "app.zip", "app.zip", "no/such/file"} {
			check(t, store.Remove(t.Context(), at))
		}
		for name, err := range map[string]error{
			"stat":   second(store.Stat(t.Context(), "app.zip", storage.Object{})),
			"read":   second(store.Read(t.Context(), "app.zip", 10)),
			"get":    second(store.Get(t.Context(), "no/folder/app.zip", io.Discard)),
			"rename": store.Rename(t.Context(), "app.zip", "b"),
			"folder": second(store.Stat(t.Context(), "releases", storage.Object{})),
		} {
			if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), store.Where()+"/") {
				t.Errorf("%s of a missing file: %v", name, err)
			}
		}
		s.wantFiles(t, map[string]string{"releases/2026/r 1.zip": string(big[:100]), "releases/é日.txt": "{}"})
	})
}

func second[T any](_ T, err error) error { return err }

func wantList(t testing.TB, store *storage.Store, prefix string, want ...string) {
	t.Helper()
	objects, err := store.List(t.Context(), prefix)
	check(t, err)
	var got []string
	for _, object := range objects {
		got = append(got, object.Path)
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q lists %q, want %q", prefix, got, want)
	}
}

// TestPutIsNotRepeated checks that Put neither sends nor changes an identical
// file, and that it replaces different content only if the upload allows it.
func TestPutIsNotRepeated(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		first, err := store.Put(t.Context(), "a/app.zip", storage.Bytes([]byte("release 1")))
		check(t, err)
		again := storage.Bytes([]byte("release 1"))
		again.Open = func() (io.ReadCloser, error) { return nil, errors.New("the content was opened") }
		second, err := store.Put(t.Context(), "a/app.zip", again)
		check(t, err)
		if first != second {
			t.Errorf("the file changed from %+v to %+v", first, second)
		}
		other := storage.Bytes([]byte("release 2."))
		other.Replace = false
		if _, err := store.Put(t.Context(), "a/app.zip", other); !errors.Is(err, storage.ErrOtherContent) {
			t.Errorf("another content is replaced: %v", err)
		}
		s.wantFiles(t, map[string]string{"a/app.zip": "release 1"})
		other.Replace = true
		placed, err := store.Put(t.Context(), "a/app.zip", other)
		check(t, err)
		s.wantFiles(t, map[string]string{"a/app.zip": "release 2."})
		found, err := store.Inspect(t.Context(), "a/app.zip", first)
		check(t, err)
		if found != placed {
			t.Errorf("Stat returned %+v for the replacement, want %+v", found, placed)
		}
		s.write(t, "folder/file", "")
		if _, err := store.Put(t.Context(), "folder", other); err == nil {
			t.Error("a folder was replaced")
		}
	})
}

// TestReplacementIsSeen checks that Stat notices that a file was replaced, even
// immediately and by a file of the same size.
func TestReplacementIsSeen(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		placed, err := store.Put(t.Context(), "app.zip", storage.Bytes([]byte("release 1")))
		check(t, err)
		s.write(t, "app.zip", "release 2")
		found, err := store.Stat(t.Context(), "app.zip", placed)
		check(t, err)
		if found.SHA256 != "" {
			t.Errorf("the replaced file counts as unchanged: %+v", found)
		}
		found, err = store.Inspect(t.Context(), "app.zip", placed)
		check(t, err)
		if found.SHA256 != sum([]byte("release 2")) {
			t.Errorf("Stat returned %+v for the replaced file", found)
		}
	})
}

func TestWrongContentIsNotPutInPlace(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		s.write(t, "app.zip", "old")
		wrong := storage.Bytes([]byte("new"))
		wrong.SHA256 = sum([]byte("planned"))
		var digest *storage.DigestError
		if _, err := store.Put(t.Context(), "app.zip", wrong); !errors.As(err, &digest) || digest.Want != wrong.SHA256 || digest.Got != sum([]byte("new")) {
			t.Errorf("another content than planned: %v", err)
		}
		broken := storage.Upload{Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(bigContent(3<<20)), &failing{})), nil
		}, Size: -1, Replace: true}
		if _, err := store.Put(t.Context(), "app.zip", broken); err == nil || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("a source that fails: %v", err)
		}
		for _, now := range []string{"later", "another size"} {
			at := filepath.Join(t.TempDir(), "app.zip")
			check(t, os.WriteFile(at, []byte("first"), 0o600))
			changed, err := storage.File(t.Context(), at)
			check(t, err)
			changed.Replace = true
			check(t, os.WriteFile(at, []byte(now), 0o600))
			if _, err := store.Put(t.Context(), "app.zip", changed); !errors.Is(err, storage.ErrChanged) {
				t.Errorf("put a file that changed after its digest was computed: got %v", err)
			}
		}
		s.wantFiles(t, map[string]string{"app.zip": "old"})
	})
}

// TestFile checks that a local file and its upload have the same digest.
func TestFile(t *testing.T) {
	t.Parallel()
	content := bigContent(3<<20 + 1)
	at := filepath.Join(t.TempDir(), "app.zip")
	check(t, os.WriteFile(at, content, 0o600))
	eachShare(t, func(t *testing.T, s *share) {
		upload, err := storage.File(t.Context(), at)
		check(t, err)
		placed, err := s.open(t).Put(t.Context(), "app.zip", upload)
		check(t, err)
		if upload.SHA256 != sum(content) || placed.SHA256 != upload.SHA256 || placed.Size != upload.Size {
			t.Errorf("the file was uploaded as %+v", placed)
		}
		s.wantFiles(t, map[string]string{"app.zip": string(content)})
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := storage.File(ctx, at); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v with a canceled context", err)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

// TestCancelledPut checks that a canceled upload leaves no files behind and
// that the store remains usable. The clock never advances, so no time limit is
// reached.
func TestCancelledPut(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t, measuredBy(clockwork.NewFakeClock()))
		s.write(t, "app.zip", "old")
		content := newEndless(8 << 20)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- second(store.Put(ctx, "app.zip", content.upload())) }()
		<-content.reach
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the upload ended with %v", err)
		}
		s.wantFiles(t, map[string]string{"app.zip": "old"})
		check(t, second(store.Put(t.Context(), "app.zip", storage.Bytes([]byte("new")))))
		s.wantFiles(t, map[string]string{"app.zip": "new"})
	})
}

// TestLeftPartsAreRemoved checks that an upload removes the parts of its own file and
// the stale parts of other files.
func TestLeftPartsAreRemoved(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		for _, at := range []string{"r/app.zip.part-abc", "r/app.zip.part-def", "r/other.zip.part-abc", "r/app.zip.bak"} {
			s.write(t, at, "x")
		}
		check(t, second(store.Put(t.Context(), "r/app.zip", storage.Bytes([]byte("new")))))
		s.wantFiles(t, map[string]string{"r/app.zip": "new", "r/other.zip.part-abc": "x", "r/app.zip.bak": "x"})
		wantList(t, store, "", "r/app.zip", "r/app.zip.bak")
		// The part of another file is removed once it is stale.
		old := time.Now().Add(-25 * time.Hour)
		check(t, os.Chtimes(filepath.Join(s.dir, "r", "other.zip.part-abc"), old, old))
		check(t, second(store.Put(t.Context(), "elsewhere.zip", storage.Bytes([]byte("new")))))
		s.write(t, "r/third.zip.part-abc", "x")
		check(t, second(store.Put(t.Context(), "r/next.zip", storage.Bytes([]byte("newer")))))
		s.wantFiles(t, map[string]string{"r/app.zip": "new", "r/next.zip": "newer", "r/third.zip.part-abc": "x", "r/app.zip.bak": "x", "elsewhere.zip": "new"})
		check(t, store.Remove(t.Context(), "r/third.zip"))
		s.wantFiles(t, map[string]string{"r/app.zip": "new", "r/next.zip": "newer", "r/app.zip.bak": "x", "elsewhere.zip": "new"})
	})
}

func TestCreateExclusiveIsWonByOne(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		first, second := s.open(t), s.open(t)
		var won atomic.Int64
		var group sync.WaitGroup
		for i := range 10 {
			store := []*storage.Store{first, second}[i%2]
			group.Go(func() {
				err := store.CreateExclusive(t.Context(), "leases/10.110.0.5", []byte("owner"))
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, fs.ErrExist) {
					t.Errorf("got %v, want fs.ErrExist", err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d creations succeeded, want one", won.Load())
		}
		s.wantFiles(t, map[string]string{"leases/10.110.0.5": "owner"})
	})
}

// TestOvertaken checks an upload whose part a concurrent upload of the same
// file removes.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string][]byte{"the same": bigContent(100_000), "another": []byte("another")} {
		server := storagetest.Start(t)
		config := storage.Config{Protocol: storage.SFTP, Host: server.Host, Port: server.Port, Username: storagetest.Username, Password: storagetest.Password}
		ours, other := storage.New(config, storage.Options{}), storage.New(config, storage.Options{})
		var once sync.Once
		upload := storage.Bytes(bigContent(100_000))
		open := upload.Open
		upload.Open = func() (io.ReadCloser, error) {
			content, err := open()
			return &atEnd{content, func() { once.Do(func() { check(t, second(other.Put(t.Context(), "a", storage.Bytes(theirs)))) }) }}, err
		}
		placed, err := ours.Put(t.Context(), "a", upload)
		switch {
		case name == "the same" && (err != nil || placed.SHA256 != upload.SHA256):
			t.Errorf("%s: %+v, %v", name, placed, err)
		case name == "another" && (err == nil || !strings.Contains(err.Error(), "is uploading the same file")):
			t.Errorf("%s: %+v, %v", name, placed, err)
		}
		check(t, errors.Join(ours.Close(), other.Close()))
	}
}

// atEnd is content that calls a function when its end is reached.
type atEnd struct {
	io.ReadCloser
	then func()
}

func (a *atEnd) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		a.then()
	}
	return n, err
}

// TestManyAtATime checks that concurrent operations share one connection.
func TestManyAtATime(t *testing.T) {
	t.Parallel()
	server := storagetest.Start(t)
	store := storage.New(storage.Config{Protocol: storage.SFTP, Host: server.Host, Port: server.Port, Username: storagetest.Username, Password: storagetest.Password}, storage.Options{})
	defer func() { check(t, store.Close()) }()
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() {
			content := bigContent(300_000 + i)
			at := "many/" + sum(content)
			check(t, second(store.Put(t.Context(), at, storage.Bytes(content))))
			if got, err := store.Read(t.Context(), at, 1<<20); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: %d bytes, %v", at, len(got), err)
			}
		})
	}
	group.Wait()
	if got := server.Logins(); got != 1 {
		t.Errorf("there were %d logins, want one", got)
	}
}
