// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// pointerOf returns the pointer to the release of a configuration.
func pointerOf(config acctest.Attributes) startup.Pointer {
	return startup.Pointer{Release: config["release"].(string), Archive: config["archive"].(string), SHA256: config["sha256"].(string)}
}

// wantChannel checks that the channel names the release of config, the previous
// release of before, if any, and the deployment by. It returns the text of the file.
func wantChannel(t *testing.T, server *storagetest.Server, config, before acctest.Attributes, by string) string {
	t.Helper()
	text := providertest.ShareFiles(t, server)[providertest.WebChannel]
	got, err := startup.DecodePointer(text)
	if err != nil {
		t.Fatalf("servers cannot read %q: %v", text, err)
	}
	want := pointerOf(config)
	if before != nil {
		want = want.After(pointerOf(before))
	}
	want.UpdatedBy, want.UpdatedAt = by, got.UpdatedAt
	if _, err := time.Parse(time.RFC3339, got.UpdatedAt); err != nil || got != want || text != want.Encode() {
		t.Errorf("the channel is\n%swant\n%s", text, want.Encode())
	}
	return text
}

func isUnknown(value any) bool {
	_, ok := value.(acctest.Unknown)
	return ok
}

// TestChannelLife creates, changes, rolls back, renames and destroys a channel.
// In between, another client changes and removes the channel.
func TestChannelLife(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2, v3 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2"), providertest.UploadedRelease(t, server, "v3")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server), acctest.Attributes{"deployment": "shop"})
	plan := m.Plan(v1)
	if plan.Planned("id") != "web" || plan.Planned("path") != providertest.WebChannel || !isUnknown(plan.Planned("previous_release")) || !isUnknown(plan.Planned("updated_at")) {
		t.Errorf("the plan has the id %v and the path %v", plan.Planned("id"), plan.Planned("path"))
	}
	m.Apply(v1).WantNone(t)
	first := wantChannel(t, server, v1, nil, "shop")
	if m.Get("previous_release") != nil || m.Get("updated_by") != "shop" {
		t.Errorf("the previous release is %v, updated by %v", m.Get("previous_release"), m.Get("updated_by"))
	}
	providertest.WantNoChange(t, m, v1)

	m.Apply(v2).WantNone(t)
	wantChannel(t, server, v2, v1, "shop")
	if m.Get("previous_release") != "v1" || m.Get("previous_archive") != v1["archive"] || m.Get("previous_sha256") != v1["sha256"] {
		t.Errorf("the previous release is %v, want v1 with its archive and digest", m.Get("previous_release"))
	}
	providertest.WantNoChange(t, m, v2)

	back := acctest.Attributes{"name": "web", "release": m.Get("previous_release"), "archive": m.Get("previous_archive"), "sha256": m.Get("previous_sha256")}
	m.Apply(back).WantNone(t)
	wantChannel(t, server, v1, v2, "shop")
	providertest.WantNoChange(t, m, v1)

	providertest.PutFile(t, server, providertest.WebChannel, pointerOf(v3).Encode())
	if plan := m.Plan(v1); plan.Action() != "update" || m.Get("release") != "v3" || m.Get("updated_at") != nil || m.Get("updated_by") != "" {
		t.Errorf("after another client has changed the channel, the plan is %s and the state has release %v by %v", plan.Action(), m.Get("release"), m.Get("updated_by"))
	}
	m.Apply(v1).WantNone(t)
	wantChannel(t, server, v1, v3, "shop")

	if err := os.Remove(filepath.Join(server.Dir, filepath.FromSlash(providertest.WebChannel))); err != nil {
		t.Fatal(err)
	}
	if plan := m.Plan(v1); plan.Action() != "create" {
		t.Errorf("after another client has removed the channel, the plan is %s", plan.Action())
	}
	m.Apply(v1).WantNone(t)
	if again := wantChannel(t, server, v1, nil, "shop"); len(again) != len(first) {
		t.Errorf("the recreated channel is %s", again)
	}

	moved := v1.With(acctest.Attributes{"name": "blue"})
	if plan := m.Plan(moved); plan.Action() != "replace" || plan.Planned("path") != "channels/blue.json" {
		t.Errorf("after a change of the name, the plan is %s", plan.Action())
	}
	m.Apply(moved).WantNone(t)
	files := providertest.ShareFiles(t, server)
	if files[providertest.WebChannel] != "" || files["channels/blue.json"] == "" {
		t.Errorf("after a change of the name, the share holds %d files", len(files))
	}
	m.Destroy().WantNone(t)
	if files := providertest.ShareFiles(t, server); len(files) != 3 {
		t.Errorf("%d files are left after the destroy, want the three archives", len(files))
	}
	s := grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics := s.Apply(t.Context(), s.Plan(providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ChannelType, v1), nil))
	diagnostics.WantNone(t)
}

// TestChannelIsWrittenOnce checks that an apply writes nothing if the file already
// names the release, because a killed apply or another deployment wrote it.
func TestChannelIsWrittenOnce(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	m.Apply(v1).WantNone(t)
	old := m.Object
	m.Apply(v2).WantNone(t)
	text, sent := wantChannel(t, server, v2, v1, ""), server.Received()

	s := grid.Session(t, providertest.CloudStorage(server), acctest.Attributes{"deployment": "shop"})
	made, diagnostics := s.Apply(t.Context(), s.Plan(old, v2))
	diagnostics.WantNone(t)
	if made.Get("previous_release") != "v1" || made.Get("updated_at") != m.Get("updated_at") || made.Get("updated_by") != "" {
		t.Errorf("the channel that was taken over has the previous release %v and the deployment %v", made.Get("previous_release"), made.Get("updated_by"))
	}
	again := providertest.Create(t, grid.Session(t, providertest.CloudStorage(server)), providertest.ChannelType, v2)
	if again.Get("previous_release") != "v1" {
		t.Errorf("the recreated channel has the previous release %v", again.Get("previous_release"))
	}
	if server.Received() != sent || providertest.ShareFiles(t, server)[providertest.WebChannel] != text {
		t.Error("the channel was written again")
	}
}

// TestChannelOfOthers checks that a channel of another deployment is not overwritten
// and can be imported.
func TestChannelOfOthers(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
	theirs := pointerOf(v1)
	theirs.UpdatedBy, theirs.UpdatedAt = "blog", "2026-11-25T10:00:00Z"
	providertest.PutFile(t, server, providertest.WebChannel, theirs.Encode())
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server), acctest.Attributes{"deployment": "shop"})
	refused := []string{`another channel "web"`, `release v1 in releases/v1.zip, written by the deployment "blog" at 2026-11-25T10:00:00Z`, "terraform import .* web"}
	m.Plan(v2).Diagnostics.WantError(t, "name", refused...)
	m.Plan(v2.With(acctest.Attributes{"release": acctest.Unknown{}})).Diagnostics.WantNone(t)

	s := grid.Session(t, providertest.CloudStorage(server))
	planned := s.Plan(s.Absent(providertest.ChannelType), v2.With(acctest.Attributes{"name": "new"}))
	providertest.PutFile(t, server, "channels/new.json", theirs.Encode())
	_, diagnostics := s.Apply(t.Context(), planned)
	diagnostics.WantError(t, "name", `another channel "new"`, "release v1")
	providertest.PutFile(t, server, "channels/new.json", "{}")
	s = grid.Session(t, providertest.CloudStorage(server))
	s.Plan(s.Absent(providertest.ChannelType), v2.With(acctest.Attributes{"name": "new"})).Diagnostics.WantError(t, "name", "holds something else", "terraform import")
	if providertest.ShareFiles(t, server)[providertest.WebChannel] != theirs.Encode() {
		t.Error("the channel was changed")
	}

	for _, importObject := range []func(*acctest.Session) (acctest.Object, acctest.Diagnostics){
		func(s *acctest.Session) (acctest.Object, acctest.Diagnostics) {
			return s.Import(providertest.ChannelType, "web")
		},
		func(s *acctest.Session) (acctest.Object, acctest.Diagnostics) {
			return s.ImportByIdentity(providertest.ChannelType, acctest.Attributes{"name": "web"})
		},
	} {
		s := grid.Session(t, providertest.CloudStorage(server))
		object, diagnostics := importObject(s)
		diagnostics.WantNone(t)
		if plan := s.Plan(object, v1); plan.Action() != "no-op" || object.Get("id") != "web" || object.Get("updated_by") != "blog" || s.Identity(object)["name"] != "web" {
			t.Errorf("after the import, the channel is %v by %v, and the plan is %s", object.Get("id"), object.Get("updated_by"), plan.Action())
		}
		_, diagnostics = s.Apply(t.Context(), s.Plan(object, v2))
		diagnostics.WantNone(t)
		wantChannel(t, server, v2, v1, "")
		providertest.PutFile(t, server, providertest.WebChannel, theirs.Encode())
	}
	_, diagnostics = s.Import(providertest.ChannelType, "none")
	diagnostics.WantError(t, "-", "Nothing to import", "channels/none.json")
	_, diagnostics = s.Import(providertest.ChannelType, "../up")
	diagnostics.WantError(t, "-", "Invalid import id")
}

// TestChannelOfAKilledApply checks that a creation takes over a channel of its own
// deployment, unless another resource of the same process holds the channel.
func TestChannelOfAKilledApply(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
	shop := acctest.Attributes{"deployment": "shop"}
	grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server), shop).Apply(v1).WantNone(t)

	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server), shop)
	m.Apply(v2).WantNone(t)
	wantChannel(t, server, v2, v1, "shop")

	s := grid.Session(t, providertest.CloudStorage(server), shop)
	first, second := s.Plan(s.Absent(providertest.ChannelType), v2), s.Plan(s.Absent(providertest.ChannelType), v1)
	_, diagnostics := s.Apply(t.Context(), first)
	diagnostics.WantNone(t)
	_, diagnostics = s.Apply(t.Context(), second)
	diagnostics.WantError(t, "name", `another channel "web"`, "release v2")
	_, diagnostics = s.Apply(t.Context(), s.Plan(m.Object, nil))
	diagnostics.WantWarning(t, "-", `Kept the channel "web"`)
	wantChannel(t, server, v2, v1, "shop")
}

// TestChannelChangedMeanwhile checks that a release which another client sets
// between plan and apply becomes the previous release, and that the apply warns
// about it.
func TestChannelChangedMeanwhile(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2, v3 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2"), providertest.UploadedRelease(t, server, "v3")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	m.Apply(v1).WantNone(t)
	s := grid.Session(t, providertest.CloudStorage(server))
	for text, before := range map[string]acctest.Attributes{"{": v1, pointerOf(v3).Encode(): v3} {
		providertest.PutFile(t, server, providertest.WebChannel, text)
		_, diagnostics := s.Apply(t.Context(), s.Plan(m.Object, v2))
		if text != "{" {
			diagnostics.WantWarning(t, "-", "Another client has changed", "release v3")
		}
		diagnostics.WantOK(t)
		wantChannel(t, server, v2, before, "")
	}
}

// TestChannelBroken checks that the plan shows a change if servers cannot read
// the channel's file.
func TestChannelBroken(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	m.Apply(v1).WantNone(t)
	m.Apply(v2).WantNone(t)
	providertest.PutFile(t, server, providertest.WebChannel, strings.ReplaceAll(pointerOf(v2).Encode(), "\n", ""))
	plan := m.Plan(v2)
	plan.Diagnostics.WantWarning(t, "-", `Servers cannot read the channel "web"`, "on a line of its own")
	if plan.Action() != "update" || m.Get("release") != nil {
		t.Errorf("the plan is %s, want update; the state has release %v, want none", plan.Action(), m.Get("release"))
	}
	m.Apply(v2).WantOK(t)
	wantChannel(t, server, v2, v1, "")
	providertest.WantNoChange(t, m, v2)
}
