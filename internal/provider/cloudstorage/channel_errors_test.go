// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestChannelArchive checks that a channel cannot name a missing or empty archive.
func TestChannelArchive(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1 := providertest.UploadedRelease(t, server, "v1")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	missing := v1.With(acctest.Attributes{"release": "v2", "archive": "releases/v2.zip"})
	m.Apply(missing).WantError(t, "archive", "not on Cloud Storage", "releases/v2.zip", "nothing was changed")
	if files := providertest.ShareFiles(t, server); len(files) != 1 || m.Exists() {
		t.Errorf("the share holds %d files after a failed apply", len(files))
	}
	m.Apply(v1).WantNone(t)
	text := wantChannel(t, server, v1, nil, "")
	m.Apply(missing).WantError(t, "archive", "not on Cloud Storage")
	providertest.PutFile(t, server, "releases/v2.zip", "")
	m.Apply(missing).WantError(t, "archive", "is empty")
	if providertest.ShareFiles(t, server)[providertest.WebChannel] != text || m.Get("release") != "v1" {
		t.Error("a failed apply changed the channel")
	}
	providertest.WantNoChange(t, m, v1)
}

// TestChannelOutage checks that the plan of an existing channel succeeds while
// the share is unreachable or its host is unknown.
func TestChannelOutage(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	m.Apply(v1).WantNone(t)

	s := grid.Session(t, providertest.CloudStorage(server, acctest.Attributes{"host": acctest.Unknown{}}))
	s.Plan(s.Absent(providertest.ChannelType), v1).Diagnostics.WantNone(t)
	read, diagnostics := s.Read(m.Object)
	diagnostics.WantWarning(t, "-", "Not refreshed", "cloud_storage.host is not known yet")
	if s.Plan(read, v1).Action() != "no-op" {
		t.Error("the plan changes the channel")
	}
	s = grid.Session(t)
	s.Plan(s.Absent(providertest.ChannelType), v1).Diagnostics.WantError(t, "-", "no cloud_storage block")

	server.Stop()
	plan := m.Plan(v1)
	plan.Diagnostics.WantWarning(t, "-", "Not refreshed", "cannot be reached", "is kept as it is")
	plan.Diagnostics.WantOK(t)
	if plan.Action() != "no-op" {
		t.Errorf("the plan is %s, want no-op", plan.Action())
	}
	s = grid.Session(t, providertest.CloudStorage(server))
	s.Plan(s.Absent(providertest.ChannelType), v1).Diagnostics.WantWarning(t, "-", "Cloud Storage cannot be reached")
	_, diagnostics = s.Apply(t.Context(), s.Plan(m.Object, v2))
	diagnostics.WantError(t, "-", `look at the channel "web"`, "cannot be reached", "bastion")
	_, diagnostics = s.Apply(t.Context(), s.Plan(m.Object, nil))
	diagnostics.WantError(t, "-", `remove the channel "web"`, "cannot be reached")
}

// TestChannelErrors checks that the plan rejects values that servers would
// reject, with an error on the attribute, and accepts unknown values.
func TestChannelErrors(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	good := providertest.UploadedRelease(t, server, "v1")
	for name, tc := range map[string]struct {
		at, value string
		patterns  []string
	}{
		"a path for a name":        {"name", "a/b", []string{"Invalid name", "a/b", "64 letters"}},
		"a name of Windows":        {"name", "con", []string{"reserves"}},
		"no release":               {"release", "", []string{"Empty release", "must not be empty"}},
		"a hidden release":         {"release", ".v1", []string{"begin with a letter or digit"}},
		"a path out":               {"archive", "../v1.zip", []string{"Invalid path", "begins with a dot"}},
		"an absolute path":         {"archive", "/v1.zip", []string{"Invalid path"}},
		"a path with a space":      {"archive", "my app.zip", []string{"letters, digits"}},
		"a path of Windows":        {"archive", "a/nul.zip", []string{"reserves"}},
		"a digest in capitals":     {"sha256", strings.ToUpper(good["sha256"].(string)), []string{"64 lower-case hex digits"}},
		"half a digest":            {"sha256", good["sha256"].(string)[:32], []string{"64 lower-case hex digits"}},
		"a name with a line break": {"name", "web\n", []string{"Invalid name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t, providertest.CloudStorage(server))
			s.Plan(s.Absent(providertest.ChannelType), good.With(acctest.Attributes{tc.at: tc.value})).Diagnostics.WantError(t, tc.at, tc.patterns...)
		})
	}
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	m.Apply(good).WantNone(t)
	for _, at := range []string{"name", "release", "archive", "sha256"} {
		config := good.With(acctest.Attributes{at: acctest.Unknown{}})
		plan := m.Plan(config)
		plan.Diagnostics.WantNone(t)
		if !isUnknown(plan.Planned("previous_release")) || !isUnknown(plan.Planned("updated_by")) {
			t.Errorf("with an unknown %s, the previous release is planned as %v", at, plan.Planned("previous_release"))
		}
		s := grid.Session(t, providertest.CloudStorage(server))
		s.Plan(s.Absent(providertest.ChannelType), config).Diagnostics.WantNone(t)
	}
}

// TestChannelInterrupted checks that Ctrl-C during the upload leaves the file and the
// state unchanged.
func TestChannelInterrupted(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	v1, v2 := providertest.UploadedRelease(t, server, "v1"), providertest.UploadedRelease(t, server, "v2")
	m := grid.Manage(t, providertest.ChannelType, providertest.CloudStorage(server))
	m.Apply(v1).WantNone(t)
	before := providertest.ShareFiles(t, server)
	ctx, cancel := context.WithCancel(t.Context())
	server.OnBytes(func(int64) { cancel() })
	s := grid.Session(t, providertest.CloudStorage(server))
	kept, diagnostics := s.Apply(ctx, s.Plan(m.Object, v2))
	diagnostics.WantError(t, "-", `Interrupted while writing the channel "web"`, "Run the same command again")
	if kept.Get("release") != "v1" || !maps.Equal(providertest.ShareFiles(t, server), before) {
		t.Errorf("the state has release %v, want v1; the share holds %v", kept.Get("release"), providertest.ShareFiles(t, server))
	}
	server.OnBytes(nil)
	m.Apply(v2).WantNone(t)
	wantChannel(t, server, v2, v1, "")
}
