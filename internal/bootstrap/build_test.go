// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// goldenRecipe covers everything that could change the bytes: names in several
// writing systems, an empty file, a script, compressible text and
// incompressible bytes.
func goldenRecipe() Recipe {
	noise := make([]byte, 0, 1<<17)
	state := sha256.Sum256([]byte("seed"))
	for len(noise) < cap(noise) {
		noise = append(noise, state[:]...)
		state = sha256.Sum256(state[:])
	}
	return Recipe{OS: Linux, Version: "1.0", Steps: goldenSteps(), Files: map[string]string{
		"app/large.txt":     strings.Repeat("0123456789abcdef", 3*chunkSize/16), // ends at a chunk boundary
		"app/index.html":    strings.Repeat("<p>Hello, grid.</p>\n", 10_000),
		"app/empty":         "",
		"app/noise.bin":     string(noise),
		"scripts/start.sh":  "#!/bin/sh\nexec httpd -p 80\n",
		"conf/日本.txt":       "日本\r\n",
		"certs/Zertifikät~": "x",
	}}
}

func goldenSteps() []Step {
	return []Step{
		{Install: &Install{From: "app/", To: "/srv/app/"}},
		{Run: &Run{Script: "scripts/start.sh", Args: []string{"<a&b>", "it's"}}, OnError: Continue, When: EveryBoot},
		{Service: &Service{Name: "httpd", Action: "restart"}, When: FirstBoot},
	}
}

// The bytes of archives must not change between releases of this provider, of
// Go, or of the compression module: a change would redeploy every server.
func TestGoldenDigest(t *testing.T) {
	t.Parallel()
	const digest, size = "db3de8ae23f4cf9804e3096ff81dcb3b3db2fa661cffc7447a65785aa5e16f9a", 139_914
	for workers := 1; workers <= 5; workers += 2 {
		archive, err := build(t.Context(), io.Discard, goldenRecipe(), nil, settings{limit: defaultLimits(), workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if archive.SHA256 != digest || archive.Size != size {
			t.Errorf("with %d workers the golden archive is %s, %d bytes; want %s, %d bytes", workers, archive.SHA256, archive.Size, digest, size)
		}
	}
}

func TestBuildMakesZip(t *testing.T) {
	t.Parallel()
	recipe := goldenRecipe()
	var out bytes.Buffer
	archive, err := recipe.Build(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if digest := sha256Hex(out.String()); archive.SHA256 != digest || archive.Size != int64(out.Len()) {
		t.Errorf("Archive reports digest %s and %d bytes, but the file has digest %s and %d bytes", archive.SHA256, archive.Size, digest, out.Len())
	}
	reader, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	paths := slices.Sorted(maps.Keys(recipe.Files))
	manifest := reader.File[len(reader.File)-1]
	reader.File = reader.File[:len(reader.File)-1]
	checkEntry(t, manifest, Entry{Path: ManifestName, Size: int64(len(archive.Manifest)), SHA256: sha256Hex(archive.Manifest), Mode: 0o644}, ManifestName, archive.Manifest)
	if len(reader.File) != len(paths) || len(archive.Entries) != len(paths) {
		t.Fatalf("the zip has %d files and Archive lists %d, want %d in both", len(reader.File), len(archive.Entries), len(paths))
	}
	for i, path := range paths {
		checkEntry(t, reader.File[i], archive.Entries[i], path, recipe.Files[path])
	}
}

func checkEntry(t *testing.T, file *zip.File, entry Entry, path, content string) {
	t.Helper()
	mode := fs.FileMode(0o644)
	if strings.HasSuffix(path, ".sh") {
		mode = 0o755
	}
	want := Entry{Path: path, Size: int64(len(content)), SHA256: sha256Hex(content), Mode: mode}
	if diff := cmp.Diff(want, entry); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
	opened, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	got, err := io.ReadAll(opened)
	if err != nil {
		t.Fatal(err)
	}
	if file.Name != path || string(got) != content || file.Mode() != mode || file.NonUTF8 || file.Flags&utf8Names == 0 {
		t.Errorf("the zip has %q, %d bytes, mode %v, NonUTF8 %v; want %q, %d bytes, mode %v",
			file.Name, len(got), file.Mode(), file.NonUTF8, path, len(content), mode)
	}
	if !file.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%q has the modification time %v", path, file.Modified)
	}
}

func sha256Hex(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// The bytes depend neither on the order and modification times of files on
// disk, nor on whether a file comes from SourceDir or Files.
func TestSameFilesSameBytes(t *testing.T) {
	t.Parallel()
	files := map[string]string{"b": "2", "a/z": "1", "a.b": "3", "a-b/c": "4"}
	dir := folder(t, files)
	old := time.Date(2009, 10, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "b"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	want, err := (Recipe{Files: files}).Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for name, recipe := range map[string]Recipe{
		"from disk": {SourceDir: dir},
		"from both": {SourceDir: dir, Exclude: []string{"/b"}, Files: map[string]string{"b": "2"}},
	} {
		got, err := recipe.Build(t.Context(), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-files +got)\n%s", name, diff)
		}
	}
	if !slices.IsSortedFunc(want.Entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) }) {
		t.Errorf("entries are not sorted: %v", sizes(want))
	}
}

func TestEveryChangeShows(t *testing.T) {
	t.Parallel()
	digests := map[string]string{}
	for name, files := range map[string]map[string]string{
		"base":       {"a": "1", "b": "2"},
		"content":    {"a": "1", "b": "3"},
		"name":       {"a": "1", "c": "2"},
		"more":       {"a": "1", "b": "2", "c": ""},
		"swapped":    {"a": "2", "b": "1"},
		"executable": {"a": "1", "b": "#!"},
	} {
		archive, err := (Recipe{Files: files}).Build(t.Context(), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := digests[archive.SHA256]; ok {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		digests[archive.SHA256] = name
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]fs.FileMode{
		"": 0o644, "#": 0o644, "text": 0o644, " #!/bin/sh": 0o644, "#!/bin/sh\n": 0o755, "\x7fELF\x02": 0o755, "MZ\x90\x00": 0o644,
	} {
		if got := modeByContent([]byte(content)); got != want {
			t.Errorf("%q becomes %v, want %v", content, got, want)
		}
	}
}

// Permission bits are ignored, because not every system has them.
func TestModeOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "plain"), "text", 0o755)
	writeTestFile(t, filepath.Join(dir, "script"), "#!/bin/sh\n", 0o600)
	archive, err := Recipe{SourceDir: dir}.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if archive.Entries[0].Mode != 0o644 || archive.Entries[1].Mode != 0o755 {
		t.Errorf("got the modes %v and %v", archive.Entries[0].Mode, archive.Entries[1].Mode)
	}
}

// changer is a writer that changes a file at the first write of the archive.
type changer struct {
	t    *testing.T
	path string
	done bool
}

func (c *changer) Write(p []byte) (int, error) {
	if !c.done {
		c.done = true
		writeTestFile(c.t, c.path, "longer than before", 0o600)
	}
	return len(p), nil
}

func TestFileThatChangesIsRefused(t *testing.T) {
	t.Parallel()
	// The first file is larger than all chunks together, so the writer is called
	// before the second file is opened.
	dir := folder(t, map[string]string{"a": manyChunks(), "b": "short"})
	_, err := build(t.Context(), &changer{t: t, path: filepath.Join(dir, "b")}, Recipe{SourceDir: dir}, nil, oneWorker())
	if err == nil || !strings.Contains(err.Error(), `archive "b": the file changed while it was read: it had 5 bytes, now 18`) {
		t.Errorf("got %v, want an error that names the changed file", err)
	}
}

// manyChunks returns incompressible content that fills more chunks than one
// worker has.
func manyChunks() string { return strings.Repeat(goldenRecipe().Files["app/noise.bin"], 8*6) }

func oneWorker() settings { return settings{limit: defaultLimits(), workers: 1} }

// failing is a writer that returns the error of fail, if any.
type failing struct {
	fail func() error
}

func (f failing) Write(p []byte) (int, error) {
	if err := f.fail(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func TestBuildFailures(t *testing.T) {
	t.Parallel()
	large := Recipe{SourceDir: folder(t, map[string]string{"large": manyChunks()})}
	full := errors.New("no space left")
	_, err := build(t.Context(), failing{func() error { return full }}, large, nil, oneWorker())
	if !errors.Is(err, full) {
		t.Errorf("got %v, want the writer's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = build(ctx, failing{func() error { cancel(); return nil }}, large, nil, oneWorker())
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), `"large"`) {
		t.Errorf("got %v, want the context's error and the name of the file", err)
	}
}
