// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// failOperations makes a server answer some operations with an error. The keys are
// "OPERATION" or "OPERATION PATH".
func failOperations(server *storagetest.Server, answers map[string]error) {
	server.OnFile(func(operation, at string) error {
		if err := answers[operation+" "+at]; err != nil {
			return err
		}
		return answers[operation]
	})
}

// TestFilesAreKeptWithoutProof checks that a file stays in the state if the
// share reports the file as missing but does not prove its absence, or if the
// share shows no files at all.
func TestFilesAreKeptWithoutProof(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]map[string]error{
		"no such file":     {"Stat": fs.ErrNotExist, "Lstat": fs.ErrNotExist, "Get": fs.ErrNotExist},
		"an empty share":   {"Stat": fs.ErrNotExist, "Lstat": fs.ErrNotExist, "Get": fs.ErrNotExist, "List": storagetest.ErrEmpty},
		"an empty root":    {"Stat": fs.ErrNotExist, "Get": fs.ErrNotExist, "List .": storagetest.ErrEmpty},
		"no listing":       {"Stat": fs.ErrNotExist, "Get": fs.ErrNotExist, "List": fs.ErrPermission},
		"no such anything": {"Stat": fs.ErrNotExist, "Get": fs.ErrNotExist, "List releases": fs.ErrNotExist, "List channels": fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
			file := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
			fileConfig := acctest.Attributes{"path": "releases/app.txt", "content": "one"}
			file.Apply(fileConfig).WantNone(t)
			channel := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
			channelConfig := providertest.UploadedRelease(t, server, "v1")
			channel.Apply(channelConfig).WantNone(t)
			for m, config := range map[*acctest.Managed]acctest.Attributes{file: fileConfig, channel: channelConfig} {
				failOperations(server, answers)
				plan := m.Plan(config)
				plan.Diagnostics.WantOK(t)
				plan.Diagnostics.WantWarning(t, "-", "Not refreshed", "not found", "is kept as it is")
				if plan.Action() != "no-op" || !m.Exists() {
					t.Errorf("%s: the plan is %s, want no-op", m.TypeName, plan.Action())
				}
				server.OnFile(nil)
				providertest.WantNoChange(t, m, config)
			}
		})
	}
}

// TestEmptiedShare checks that the advice in the warning works, and that a destroy
// succeeds on a share without files.
func TestEmptiedShare(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	config := acctest.Attributes{"path": "app.txt", "content": "one"}
	m.Apply(config).WantNone(t)
	empty := func() {
		if err := os.Remove(filepath.Join(server.Dir, "app.txt")); err != nil {
			t.Fatal(err)
		}
	}
	empty()
	m.Plan(config).Diagnostics.WantWarning(t, "-", "Not refreshed", "shows no files at all", "put any file on it", "-replace=")
	providertest.WriteText(t, filepath.Join(server.Dir, "any"), "x")
	if plan := m.Plan(config); plan.Action() != "create" {
		t.Errorf("the plan is %s, want create", plan.Action())
	}
	if err := os.Remove(filepath.Join(server.Dir, "any")); err != nil {
		t.Fatal(err)
	}
	m.Apply(config).WantNone(t)
	empty()
	m.Destroy().WantWarning(t, "-", "Not refreshed")
	if m.Exists() {
		t.Error("the object is still in the state")
	}
}

// TestRemovalWithoutProof checks that a destroy fails if the server reports a
// file as missing but still lists it.
func TestRemovalWithoutProof(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	s := grid.Session(t, providertest.CloudStorage(server))
	made := providertest.Create(t, s, providertest.ObjectType, acctest.Attributes{"path": "app.txt", "content": "one"})
	s = grid.Session(t, providertest.CloudStorage(server))
	failOperations(server, map[string]error{"Remove": fs.ErrNotExist, "Rmdir": fs.ErrNotExist})
	left, diagnostics := s.Apply(t.Context(), s.Plan(made, nil))
	diagnostics.WantError(t, "-", "remove \"app.txt\"", "holds it")
	if !left.Exists() {
		t.Error("the object is no longer in the state")
	}
}

// TestCreateAndDeleteOfOneFile renames a resource without a moved block, so one
// apply creates and deletes the same file. The file must exist afterwards,
// whichever operation starts first and wherever the two operations overlap.
func TestCreateAndDeleteOfOneFile(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"create", "delete"} {
		for _, held := range []string{"", "Stat", "Get", "List", "Remove", "Put", "PosixRename"} {
			for _, typeName := range []string{providertest.ObjectType, providertest.ChannelType} {
				t.Run(first+" held at "+held+" of "+typeName, func(t *testing.T) {
					t.Parallel()
					grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
					config, at := acctest.Attributes{"path": "app.txt", "content": "one"}, "app.txt"
					if typeName == providertest.ChannelType {
						config, at = providertest.UploadedRelease(t, server, "v1"), providertest.WebChannel
					}
					old := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), typeName, config)
					renameWhileHeld(t, grid, server, old, config, first, held)
					if text, ok := providertest.ShareFiles(t, server)[at]; !ok || text == "" {
						t.Errorf("the file is missing or empty; the share holds %v", providertest.ShareFiles(t, server))
					}
					if typeName == providertest.ChannelType {
						wantChannel(t, server, config, nil, "")
					}
				})
			}
		}
	}
}

// TestRenameWithAnotherContent renames a resource without a moved block and changes its
// content. The create must wait for the running delete.
func TestRenameWithAnotherContent(t *testing.T) {
	t.Parallel()
	for _, typeName := range []string{providertest.ObjectType, providertest.ChannelType} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
			config, next := acctest.Attributes{"path": "app.txt", "content": "one"}, acctest.Attributes{"path": "app.txt", "content": "another"}
			if typeName == providertest.ChannelType {
				config, next = providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
			}
			old := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), typeName, config)
			renameWhileHeld(t, grid, server, old, next, "delete", "List")
			if typeName == providertest.ChannelType {
				wantChannel(t, server, next, nil, "")
			} else {
				providertest.WantFile(t, server, "app.txt", "another")
			}
		})
	}
}

// renameWhileHeld creates a new object and deletes the old one in one process.
// first ("create" or "delete") names the operation that starts first. It pauses
// at the share operation held until the other operation has begun.
func renameWhileHeld(t *testing.T, grid *acctest.Grid, server *storagetest.Server, old acctest.Object, config acctest.Attributes, first, held string) {
	t.Helper()
	s := grid.Session(t, providertest.CloudStorage(server))
	plans := map[string]*acctest.Plan{"create": s.Plan(s.Absent(old.TypeName), config), "delete": s.Plan(old, nil)}
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server.OnFile(func(operation, _ string) error {
		if operation == held {
			once.Do(func() { close(reached); <-release })
		}
		return nil
	})
	var group sync.WaitGroup
	apply := func(operation string) func() {
		return func() {
			made, diagnostics := s.Apply(t.Context(), plans[operation])
			diagnostics.WantOK(t)
			if made.Exists() != (operation == "create") {
				t.Errorf("after the %s, the object exists: %t", operation, made.Exists())
			}
		}
	}
	second := map[string]string{"create": "delete", "delete": "create"}[first]
	ended := make(chan struct{})
	group.Go(func() { defer close(ended); apply(first)() })
	select {
	case <-reached:
	case <-ended: // the operation does not occur
	}
	begun := make(chan struct{})
	group.Go(func() { close(begun); apply(second)() })
	<-begun
	close(release)
	group.Wait()
	server.OnFile(nil)
}

// TestPlanOfARename checks that a plan that deletes and creates the same file
// warns once, in either order.
func TestPlanOfARename(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1 := providertest.UploadedRelease(t, server, "v1")
	for typeName, config := range map[string]acctest.Attributes{
		providertest.ObjectType: {"path": "app.txt", "content": "one"}, providertest.ChannelType: v1,
		"gogrid_private_ip": {"address": "10.110.0.5"},
	} {
		old := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), typeName, config)
		for _, deleteFirst := range []bool{true, false} {
			s := grid.Session(t, providertest.CloudStorage(server))
			calls := []func() *acctest.Plan{
				func() *acctest.Plan { return s.Plan(s.Absent(typeName), config) },
				func() *acctest.Plan { return s.Plan(old, nil) },
			}
			if deleteFirst {
				calls[0], calls[1] = calls[1], calls[0]
			}
			calls[0]().Diagnostics.WantNone(t)
			calls[1]().Diagnostics.WantWarning(t, "-", "both destroyed and kept", "moved block")
			s.Plan(old, nil).Diagnostics.WantNone(t)
		}
		s := grid.Session(t, providertest.CloudStorage(server))
		s.Plan(old, config).Diagnostics.WantNone(t)
		s = grid.Session(t, providertest.CloudStorage(server))
		s.Plan(old, nil).Diagnostics.WantNone(t)
	}
	// A retained file is not deleted, so the plan does not warn.
	retained := acctest.Attributes{"path": "kept.txt", "content": "one", "retain": true}
	old := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ObjectType, retained)
	s := grid.Session(t, providertest.CloudStorage(server))
	s.Plan(old, nil).Diagnostics.WantNone(t)
	s.Plan(s.Absent(providertest.ObjectType), retained).Diagnostics.WantNone(t)
}

// TestUpdateAndDeleteOfOneFile updates one resource of a file and destroys
// another resource of the same file. The file must stay.
func TestUpdateAndDeleteOfOneFile(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	config := acctest.Attributes{"path": "app.txt", "content": "one"}
	kept := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ObjectType, config)
	destroyed := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ObjectType, config)
	for _, change := range []acctest.Attributes{{"content": "two"}, {"retain": true}} {
		s := grid.Session(t, providertest.CloudStorage(server))
		config = config.With(change)
		made, diagnostics := s.Apply(t.Context(), s.Plan(kept, config))
		diagnostics.WantNone(t)
		_, diagnostics = s.Apply(t.Context(), s.Plan(destroyed, nil))
		diagnostics.WantWarning(t, "-", "Kept \"app.txt\"", "Another resource")
		providertest.WantFile(t, server, "app.txt", config["content"].(string))
		kept = made
	}
}

// TestPathsThatDifferByCase checks that paths which differ only by case or by
// Unicode composition are two files on a case-sensitive share. A rename creates
// the new file and removes the old one.
func TestPathsThatDifferByCase(t *testing.T) {
	t.Parallel()
	for name, paths := range map[string][2]string{
		"case":        {"Releases/App.zip", "releases/app.zip"},
		"composition": {"caf\u00e9.zip", "cafe\u0301.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
			old := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ObjectType, acctest.Attributes{"path": paths[0], "content": "one"})
			s := grid.Session(t, providertest.CloudStorage(server))
			providertest.Create(t, s, providertest.ObjectType, acctest.Attributes{"path": paths[1], "content": "one"})
			_, diagnostics := s.Apply(t.Context(), s.Plan(old, nil))
			diagnostics.WantNone(t)
			providertest.WantFile(t, server, paths[1], "one")
		})
	}
}

// TestPathByALink checks that a destroy keeps a file if another resource took
// the file over through a path that contains a link.
func TestPathByALink(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	old := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ObjectType, acctest.Attributes{"path": "releases/app.zip", "content": "one"})
	if err := os.Symlink("releases", filepath.Join(server.Dir, "current")); err != nil {
		t.Skipf("this system cannot create links: %v", err)
	}
	s := grid.Session(t, providertest.CloudStorage(server))
	providertest.Create(t, s, providertest.ObjectType, acctest.Attributes{"path": "current/app.zip", "content": "one"})
	_, diagnostics := s.Apply(t.Context(), s.Plan(old, nil))
	diagnostics.WantWarning(t, "-", "Kept \"releases/app.zip\"", `"current/app.zip"`)
	if text, err := os.ReadFile(filepath.Join(server.Dir, "releases", "app.zip")); err != nil || string(text) != "one" {
		t.Errorf("the file holds %q (%v)", text, err)
	}
}

// TestReportWithoutProof checks that gogrid_deployment fails if the share reports the
// pin of a server as missing but still lists it.
func TestReportWithoutProof(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	providertest.PutFile(t, server, startup.ServerFile("web1"), `{"release": "v1", "archive": "releases/v1.zip", "sha256": "`+strings.Repeat("0a", 32)+`"}`)
	s := grid.Session(t, providertest.CloudStorage(server))
	failOperations(server, map[string]error{"Get " + startup.ServerFile("web1"): fs.ErrNotExist})
	_, diagnostics := s.ReadData("gogrid_deployment", acctest.Attributes{})
	if len(diagnostics.Errors()) == 0 || !strings.Contains(diagnostics.String(), "holds it") {
		t.Errorf("got %s, want an error that the share still holds the pin", diagnostics)
	}
}
