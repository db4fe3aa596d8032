// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestStorageObjectLife creates, changes and destroys a file. In between,
// another client replaces and removes the file.
func TestStorageObjectLife(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	config := acctest.Attributes{"path": "status/motd.txt", "content": "hello"}
	plan := m.Plan(config)
	if plan.Planned("sha256") != providertest.SHA256("hello") || plan.Planned("size") != 5.0 || plan.Planned("id") != "status/motd.txt" {
		t.Errorf("the plan has the digest %v and %v bytes", plan.Planned("sha256"), plan.Planned("size"))
	}
	m.Apply(config).WantNone(t)
	providertest.WantFile(t, server, "status/motd.txt", "hello")
	providertest.WantNoChange(t, m, config)

	sent := server.Received()
	m.Apply(config.With(acctest.Attributes{"retain": true})).WantNone(t)
	if server.Received() != sent {
		t.Error("a change of retain uploaded data")
	}
	config["content"] = "hello again"
	m.Apply(config).WantNone(t)
	providertest.WantFile(t, server, "status/motd.txt", "hello again")
	providertest.WantNoChange(t, m, config)

	providertest.WriteText(t, filepath.Join(server.Dir, "status", "motd.txt"), "HELLO AGAIN")
	if plan := m.Plan(config); plan.Action() != "update" || plan.Planned("sha256") != providertest.SHA256("hello again") {
		t.Errorf("after another client has replaced the file, the plan is %s", plan.Action())
	}
	m.Apply(config).WantNone(t)
	providertest.WantFile(t, server, "status/motd.txt", "hello again")

	if err := os.Remove(filepath.Join(server.Dir, "status", "motd.txt")); err != nil {
		t.Fatal(err)
	}
	if plan := m.Plan(config); plan.Action() != "create" {
		t.Errorf("after another client has removed the file, the plan is %s", plan.Action())
	}
	m.Apply(config).WantNone(t)
	moved := config.With(acctest.Attributes{"path": "motd.txt"})
	if plan := m.Plan(moved); plan.Action() != "replace" {
		t.Errorf("after a change of the path, the plan is %s", plan.Action())
	}
	m.Apply(moved).WantNone(t)
	providertest.WantFile(t, server, "motd.txt", "hello again")
	m.Destroy().WantNone(t)
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("%v are left after the destroy", files)
	}
}

func TestStorageObjectRetain(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	config := acctest.Attributes{"path": "app.txt", "content": "kept", "retain": true}
	m.Apply(config).WantNone(t)
	server.Stop() // the destroy of a retained file needs no share
	s := grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics := s.Apply(t.Context(), s.Plan(m.Object, nil))
	diagnostics.WantNone(t)
	providertest.WantFile(t, server, "app.txt", "kept")
}

// TestStorageObjectSource checks that a plan does not open the file, and that the apply
// fails if the file differs from the plan.
func TestStorageObjectSource(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	file := filepath.Join(t.TempDir(), "app.zip")
	config := acctest.Attributes{"path": "app.zip", "source": file, "sha256": providertest.SHA256("release 1")}
	plan := m.Plan(config)
	plan.Diagnostics.WantNone(t)
	m.Apply(config).WantError(t, "source", "apply cannot read the file", "no such file|cannot find")
	providertest.WriteText(t, file, "release 2")
	m.Apply(config).WantError(t, "source", "has changed since the plan", providertest.SHA256("release 2"), "nothing was uploaded")
	if files := providertest.ShareFiles(t, server); len(files) > 0 || server.Received() > 0 {
		t.Errorf("%d bytes were uploaded, and the share holds %v", server.Received(), files)
	}
	providertest.WriteText(t, file, "release 1")
	m.Apply(config).WantNone(t)
	providertest.WantFile(t, server, "app.zip", "release 1")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	providertest.WantNoChange(t, m, config)
}

// archiveValue reads an archive data source and returns the value that a
// reference to it has in a configuration.
func archiveValue(t *testing.T, s *acctest.Session, config acctest.Attributes) tftypes.Value {
	t.Helper()
	read, diagnostics := s.ReadData("gogrid_bootstrap_archive", config)
	diagnostics.WantNone(t)
	value, err := s.DataValue("gogrid_bootstrap_archive", read)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestStorageObjectArchive checks that the apply uploads the file of the data
// source, or rebuilds the archive if the file is missing or different.
func TestStorageObjectArchive(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	dir := t.TempDir()
	app, out := filepath.Join(dir, "app"), filepath.Join(dir, "app.zip")
	if err := os.Mkdir(app, 0o700); err != nil {
		t.Fatal(err)
	}
	providertest.WriteText(t, filepath.Join(app, "index.html"), "one")
	archiveConfig := acctest.Attributes{"source_dir": app, "files": acctest.Attributes{"conf/x": "y"}, "exclude": []any{"*.log"}, "output_path": out}
	archive := archiveValue(t, grid.Session(t), archiveConfig)
	written, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	config := acctest.Attributes{"path": "releases/app.zip", "archive": archive}

	for name, prepare := range map[string]func(){
		"the file is there":     func() {},
		"the file is gone":      func() { _ = os.Remove(out) },
		"the file is different": func() { providertest.WriteText(t, out, "no archive") },
		"only the file has the planned content": func() {
			providertest.WriteText(t, out, string(written))
			providertest.WriteText(t, filepath.Join(app, "index.html"), "two")
		},
	} {
		m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
		providertest.WriteText(t, filepath.Join(app, "index.html"), "one")
		plan := m.Plan(config)
		plan.Diagnostics.WantNone(t)
		if plan.Planned("sha256") != providertest.SHA256(string(written)) || plan.Planned("size") != float64(len(written)) {
			t.Errorf("%s: the planned digest is %v", name, plan.Planned("sha256"))
		}
		prepare()
		m.Apply(config).WantNone(t)
		providertest.WantFile(t, server, "releases/app.zip", string(written))
		providertest.WantNoChange(t, m, config)
		m.Destroy().WantNone(t)
	}

	_ = os.Remove(out)
	providertest.WriteText(t, filepath.Join(app, "index.html"), "two")
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	before := server.Received()
	m.Apply(config).WantError(t, "archive", "sources differ from the plan", providertest.SHA256(string(written)))
	if server.Received() != before || len(providertest.ShareFiles(t, server)) > 0 {
		t.Error("the failed apply uploaded data")
	}
	m.Plan(acctest.Attributes{"path": "a", "archive": tftypes.NewValue(tftypes.String, "app.zip")}).Diagnostics.WantError(t, "archive", "no bootstrap archive", "whole data source")
	unknown := m.Plan(acctest.Attributes{"path": "a", "archive": acctest.Unknown{}})
	unknown.Diagnostics.WantNone(t)
	if _, ok := unknown.Planned("sha256").(acctest.Unknown); !ok {
		t.Errorf("the planned digest of an unknown archive is %v", unknown.Planned("sha256"))
	}
}

// TestStorageObjectOfOthers checks that a file of another client is not overwritten and
// can be imported.
func TestStorageObjectOfOthers(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	providertest.WriteText(t, filepath.Join(server.Dir, "app.txt"), "theirs")
	m.Plan(acctest.Attributes{"path": "app.txt", "content": "our content"}).Diagnostics.WantError(t, "path", "another file at app.txt", "terraform import")
	m.Apply(acctest.Attributes{"path": "app.txt", "content": "ours!!"}).WantError(t, "path", "another file at app.txt", "terraform import")
	providertest.WantFile(t, server, "app.txt", "theirs")
	// A file left by an interrupted apply is taken over.
	sent := server.Received()
	m.Apply(acctest.Attributes{"path": "app.txt", "content": "theirs"}).WantNone(t)
	if server.Received() != sent {
		t.Error("the file was uploaded again")
	}

	s := grid.Session(t, providertest.CloudStorage(server))
	for _, importObject := range []func() (acctest.Object, acctest.Diagnostics){
		func() (acctest.Object, acctest.Diagnostics) { return s.Import(providertest.ObjectType, "app.txt") },
		func() (acctest.Object, acctest.Diagnostics) {
			return s.ImportByIdentity(providertest.ObjectType, acctest.Attributes{"path": "app.txt"})
		},
	} {
		object, diagnostics := importObject()
		diagnostics.WantNone(t)
		if object.Get("sha256") != providertest.SHA256("theirs") || object.Get("id") != "app.txt" || object.Get("size") != 6.0 {
			t.Errorf("the imported digest is %v", object.Get("sha256"))
		}
		made, diagnostics := s.Apply(t.Context(), s.Plan(object, acctest.Attributes{"path": "app.txt", "content": "theirs"}))
		diagnostics.WantNone(t)
		if made.Get("content") != "theirs" || server.Received() != sent {
			t.Error("the imported file was uploaded")
		}
	}
	_, diagnostics := s.Import(providertest.ObjectType, "none.txt")
	diagnostics.WantError(t, "-", "Nothing to import", "none.txt")
	_, diagnostics = s.Import(providertest.ObjectType, "../up")
	diagnostics.WantError(t, "-", "Invalid import id")
}

// TestStorageObjectInterrupted checks that Ctrl-C during an upload leaves nothing in
// the state or on the share.
func TestStorageObjectInterrupted(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.OnBytes(func(received int64) {
		if received > 1<<20 {
			cancel()
		}
	})
	big := strings.Repeat("0123456789abcdef", 1<<18)
	config := acctest.Attributes{"path": "r/app.txt", "content": big}
	s := grid.Session(t, providertest.CloudStorage(server))
	made, diagnostics := s.Apply(ctx, s.Plan(s.Absent(providertest.ObjectType), config))
	diagnostics.WantError(t, "-", "Interrupted while uploading", "run the same command again|Run the same command again")
	if made.Exists() {
		t.Error("the state holds the interrupted upload")
	}
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("the share holds %d files after the interrupt", len(files))
	}
	server.OnBytes(nil)
	// A killed process leaves a partial file, which the next apply must ignore.
	providertest.WriteText(t, filepath.Join(server.Dir, "r", "app.txt.part-killed"), "half")
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	m.Apply(config).WantNone(t)
	providertest.WantFile(t, server, "r/app.txt", big)
}

// TestStorageOutage checks that a plan succeeds while the share cannot be reached.
func TestStorageOutage(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	config := acctest.Attributes{"path": "app.txt", "content": "one"}
	m.Apply(config).WantNone(t)
	server.Stop()
	plan := m.Plan(config)
	plan.Diagnostics.WantWarning(t, "-", "Not refreshed", "cannot be reached", "is kept as it is")
	plan.Diagnostics.WantOK(t)
	if plan.Action() != "no-op" {
		t.Errorf("the plan is %s, want no-op", plan.Action())
	}
	other := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	other.Plan(acctest.Attributes{"path": "b", "content": "b"}).Diagnostics.WantWarning(t, "-", "Cloud Storage cannot be reached")
	s := grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics := s.Apply(t.Context(), s.Plan(m.Object, config.With(acctest.Attributes{"content": "two"})))
	diagnostics.WantError(t, "-", "upload \"app.txt\"", "cannot be reached", "bastion")
	_, diagnostics = s.Apply(t.Context(), s.Plan(m.Object, nil))
	diagnostics.WantError(t, "-", "remove \"app.txt\"", "cannot be reached")
}

// TestStorageObjectReplacedInPlace checks a create_before_destroy replacement
// at the same path: the delete must not remove the new file.
func TestStorageObjectReplacedInPlace(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	config := acctest.Attributes{"path": "app.txt", "content": "one"}
	m.Apply(config).WantNone(t)
	s := grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent(providertest.ObjectType), config))
	diagnostics.WantNone(t)
	_, diagnostics = s.Apply(t.Context(), s.Plan(m.Object, nil))
	diagnostics.WantWarning(t, "-", "Kept \"app.txt\"")
	providertest.WantFile(t, server, "app.txt", "one")
}

func TestStorageObjectErrors(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	digest := providertest.SHA256("x")
	for name, tc := range map[string]struct {
		config   acctest.Attributes
		at       string
		patterns []string
	}{
		"nothing":             {acctest.Attributes{"path": "a"}, "source", []string{"Exactly one", "configuration sets 0 of them"}},
		"two things":          {acctest.Attributes{"path": "a", "content": "", "source": "x", "sha256": digest}, "source", []string{"configuration sets 2 of them"}},
		"source alone":        {acctest.Attributes{"path": "a", "source": "x"}, "sha256", []string{"filesha256"}},
		"digest of a content": {acctest.Attributes{"path": "a", "content": "x", "sha256": digest}, "sha256", []string{"Only source needs sha256"}},
		"no digest":           {acctest.Attributes{"path": "a", "source": "x", "sha256": "abc"}, "sha256", []string{"64 lower-case hex digits"}},
		"outside":             {acctest.Attributes{"path": "../a", "content": "x"}, "path", []string{`".."`}},
		"absolute":            {acctest.Attributes{"path": "/a", "content": "x"}, "path", []string{"absolute path"}},
		"backslash":           {acctest.Attributes{"path": `a\b`, "content": "x"}, "path", []string{"backslash"}},
		"reserved":            {acctest.Attributes{"path": "con.txt", "content": "x"}, "path", []string{"reserves"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t, providertest.CloudStorage(server))
			s.Plan(s.Absent(providertest.ObjectType), tc.config).Diagnostics.WantError(t, tc.at, tc.patterns...)
		})
	}
}

// TestStorageObjects lists files by prefix.
func TestStorageObjects(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	s := grid.Session(t, providertest.CloudStorage(server))
	for _, at := range []string{"releases/b.zip", "releases/a.zip", "channels/web.json", "releases/c.zip.part-x"} {
		at = filepath.Join(server.Dir, filepath.FromSlash(at))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		providertest.WriteText(t, at, "x")
	}
	for prefix, want := range map[any]string{"releases/": "releases/a.zip releases/b.zip", nil: "channels/web.json releases/a.zip releases/b.zip", "none": ""} {
		result, diagnostics := s.ReadData("gogrid_storage_objects", acctest.Attributes{"prefix": prefix})
		diagnostics.WantNone(t)
		if got := strings.Join(providertest.Strings(result["objects"], "path"), " "); got != want {
			t.Errorf("%v lists %q, want %q", prefix, got, want)
		}
		for _, item := range result["objects"].([]any) {
			object := item.(acctest.Attributes)
			if _, err := time.Parse(time.RFC3339, object["modified"].(string)); err != nil || object["size"] != 1.0 {
				t.Errorf("the list holds %v, want a modification time and a size of 1", object)
			}
		}
	}
	_, diagnostics := s.ReadData("gogrid_storage_objects", acctest.Attributes{"prefix": "../"})
	diagnostics.WantError(t, "prefix", `".."`)
	server.Stop()
	_, diagnostics = s.ReadData("gogrid_storage_objects", acctest.Attributes{})
	diagnostics.WantError(t, "-", "list files", "cannot be reached")
}
