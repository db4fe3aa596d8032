// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

func TestDigestIsKnownAtPlan(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, setup := providertest.FullImage(t)
	plan := providertest.PlanImage(t, grid, config)
	plan.Diagnostics.WantNone(t)
	if digest, ok := plan.Planned("prepared_digest").(string); !ok || !providertest.HexDigest.MatchString(digest) {
		t.Errorf("the planned digest is %v", plan.Planned("prepared_digest"))
	}
	want := acctest.Attributes{
		motd:  "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
		setup: "b31a7f84ed5d5b5ba2f4ed90dd6ce05ce0dc2a3d4e0e2e9e0a5ee2b5e2d7a1b0",
	}
	got, _ := plan.Planned("prepared_files").(acctest.Attributes)
	if len(got) != 3 || got["/etc/app.conf"] == nil || got[motd] != want[motd] || !providertest.HexDigest.MatchString(fmt.Sprint(got[setup])) {
		t.Errorf("the planned files are %v", got)
	}
	if again := providertest.PlanImage(t, grid, config).Planned("prepared_digest"); again != plan.Planned("prepared_digest") {
		t.Errorf("a plan of the next process has the digest %v, want the same digest", again)
	}
	if grid.Changes() > 0 {
		t.Errorf("a plan changed the grid: %v", grid.Counters())
	}
}

// TestNothingPrepared checks that the plan sets the digest, the files and the
// host key to null if there is no prepare block.
func TestNothingPrepared(t *testing.T) {
	t.Parallel()
	plan := providertest.PlanImage(t, acctest.NewQuickGrid(t), providertest.BuiltImage())
	plan.Diagnostics.WantNone(t)
	for _, name := range []string{"prepared_digest", "prepared_files", "host_key"} {
		if plan.Planned(name) != nil {
			t.Errorf("the planned %s is %v, want null", name, plan.Planned(name))
		}
	}
}

// TestPreparedImageStays checks that a change that does not affect the image
// does not change the grid, and that the computed attributes stay known.
func TestPreparedImageStays(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, _ := providertest.FullImage(t)
	object := providertest.ExistingImage(t, grid, config)
	moved := providertest.WriteFile(t, "moved", "hello\n")
	if moved == motd {
		t.Fatal("the file was not moved")
	}
	fileAt := func(change acctest.Attributes) acctest.Attributes {
		list := config["prepare"].(acctest.Attributes)["files"].([]any)
		return acctest.Attributes{"files": []any{list[0].(acctest.Attributes).With(change), list[1]}}
	}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		action string
	}{
		"nothing":               {config, "no-op"},
		"a password":            {providertest.WithPrepare(config, nil, acctest.Attributes{"password_wo": "other"}), "no-op"},
		"a password, unknown":   {providertest.WithPrepare(config, nil, acctest.Attributes{"password_wo": acctest.Unknown{}}), "no-op"},
		"a private key":         {providertest.WithPrepare(config, nil, acctest.Attributes{"private_key_wo": providertest.PrivateKey(t, "")}), "no-op"},
		"the port":              {providertest.WithPrepare(config, nil, acctest.Attributes{"port": 22}), "update"},
		"the timeout":           {providertest.WithPrepare(config, nil, acctest.Attributes{"timeout": nil}), "update"},
		"the account, implicit": {providertest.WithPrepare(config, nil, acctest.Attributes{"username": nil}), "update"},
		"the host key":          {providertest.WithPrepare(config, nil, acctest.Attributes{"host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"}), "update"},
		"the place of a file":   {providertest.WithPrepare(config, fileAt(acctest.Attributes{"source": moved}), nil), "update"},
		"a file as a text":      {providertest.WithPrepare(config, fileAt(acctest.Attributes{"source": nil, "content": "hello\n"}), nil), "update"},
		"a mode, explicit":      {providertest.WithPrepare(config, fileAt(acctest.Attributes{"mode": "0644"}), nil), "update"},
		"a mode, shorter":       {providertest.WithPrepare(config, fileAt(acctest.Attributes{"mode": "644"}), nil), "update"},
		"the mode, explicit":    {providertest.WithPrepare(config, acctest.Attributes{"mode": "automatic"}, nil), "update"},
		"verify":                {config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"true"}}}), "update"},
		"no verify":             {config.With(acctest.Attributes{"verify": nil}), "update"},
		"the image's form":      {config.With(acctest.Attributes{"build": acctest.Attributes{"image": "12834"}}), "update"},
		"the image's case":      {config.With(acctest.Attributes{"build": acctest.Attributes{"image": "CentOS6.2_64_base"}}), "update"},
		"options of the build": {
			config.With(acctest.Attributes{"build": config["build"].(acctest.Attributes).With(acctest.Attributes{
				"datacenter": "US-East-1", "public_ip": "127.21.0.9", "keep_sandbox_on_failure": true, "max_duration": "1h",
			})}), "update",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			read, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
			plan := s.Plan(read, tc.config)
			plan.Diagnostics.WantNone(t)
			if plan.Action() != tc.action {
				t.Errorf("the plan is %s for %v, want %s", plan.Action(), plan.RequiresReplace, tc.action)
			}
			for _, name := range []string{"id", "state", "datacenters", "host_key", "prepared_digest"} {
				if plan.Planned(name) == (acctest.Unknown{}) {
					t.Errorf("%s is planned as unknown", name)
				}
			}
			if tc.action == "no-op" {
				return
			}
			before := grid.Changes()
			updated, diagnostics := s.Apply(t.Context(), plan)
			diagnostics.WantNone(t)
			if grid.Changes() != before {
				t.Errorf("the apply changed the grid: %v", grid.Counters())
			}
			providertest.WantNoOp(t, grid, updated, tc.config)
		})
	}
}

// TestPreparedImageIsReplaced checks that a change to the content of the image
// replaces it, and that the plan names the attribute.
func TestPreparedImageIsReplaced(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, _, _ := providertest.FullImage(t)
	object := providertest.ExistingImage(t, grid, config)
	sandbox := grid.ServerID(t, "golden")
	second := acctest.Attributes{"content": "x", "destination": "/etc/second"}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		reason string
	}{
		"a file":            {providertest.WithPrepare(config, providertest.FilesBlock(second), nil), "prepared_digest"},
		"a command":         {providertest.WithPrepare(config, acctest.Attributes{"commands": []any{"yum -y install nginx"}}, nil), "prepared_digest"},
		"no command":        {providertest.WithPrepare(config, acctest.Attributes{"commands": nil}, nil), "prepared_digest"},
		"no script":         {providertest.WithPrepare(config, acctest.Attributes{"scripts": nil}, nil), "prepared_digest"},
		"a variable":        {providertest.WithPrepare(config, acctest.Attributes{"environment": acctest.Attributes{"STAGE": "other"}}, nil), "prepared_digest"},
		"prep command":      {providertest.WithPrepare(config, acctest.Attributes{"prep_command": nil}, nil), "prepared_digest"},
		"the account":       {providertest.WithPrepare(config, nil, acctest.Attributes{"username": "deploy"}), "prepared_digest"},
		"a version":         {providertest.WithPrepare(config, nil, acctest.Attributes{"password_wo_version": 2}), "prepared_digest"},
		"no version":        {providertest.WithPrepare(config, nil, acctest.Attributes{"password_wo_version": nil}), "prepared_digest"},
		"the bastion's":     {providertest.WithPrepare(config, nil, acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "private_key_wo_version": 2}}), "prepared_digest"},
		"a step":            {providertest.WithPrepare(config, acctest.Attributes{"commands": nil, "scripts": nil, "steps": []any{acctest.Attributes{"restart": true}}}, nil), "prepared_digest"},
		"an unknown step":   {providertest.WithPrepare(config, acctest.Attributes{"commands": nil, "scripts": nil, "steps": []any{acctest.Attributes{"restart": acctest.Unknown{}}}}, nil), "prepared_digest"},
		"unknown command":   {providertest.WithPrepare(config, acctest.Attributes{"commands": []any{acctest.Unknown{}}}, nil), "prepared_digest"},
		"nothing prepared":  {config.With(acctest.Attributes{"prepare": nil}), "prepared_digest"},
		"another image":     {config.With(acctest.Attributes{"build": acctest.Attributes{"image": "debian_6.0_64_base"}}), "build.image"},
		"an unknown image":  {config.With(acctest.Attributes{"build": acctest.Attributes{"image": acctest.Unknown{}}}), "build.image"},
		"no build any more": {config.With(acctest.Attributes{"build": nil, "sandbox_id": sandbox}), "build"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			read, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
			plan := s.Plan(read, tc.config)
			plan.Diagnostics.WantNone(t)
			if plan.Action() != "replace" || len(plan.RequiresReplace) != 1 || plan.RequiresReplace[0] != tc.reason {
				t.Errorf("the plan is %s for %v, want a replacement for %s", plan.Action(), plan.RequiresReplace, tc.reason)
			}
			s.Replacement(plan).Diagnostics.WantNone(t)
		})
	}
}

// TestOneByte checks that a change of one byte in a file replaces the image,
// even if the configuration does not change.
func TestOneByte(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, content string }{
		"of a file":   {"motd", "hellO\n"},
		"of a script": {"setup.sh", "#!/bin/sh\ntrue \n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			config, motd, setup := providertest.FullImage(t)
			object := providertest.ExistingImage(t, grid, config)
			providertest.WantNoOp(t, grid, object, config)
			path := map[string]string{"motd": motd, "setup.sh": setup}[tc.file]
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			plan := grid.Session(t).Plan(object, config)
			plan.Diagnostics.WantNone(t)
			if len(plan.RequiresReplace) != 1 || plan.RequiresReplace[0] != "prepared_digest" {
				t.Errorf("the plan is %s for %v, want a replacement for prepared_digest", plan.Action(), plan.RequiresReplace)
			}
			if plan.Planned("prepared_digest") == object.Get("prepared_digest") {
				t.Error("the planned digest is the same as the old digest")
			}
			before, _ := object.Get("prepared_files").(acctest.Attributes)
			after, _ := plan.Planned("prepared_files").(acctest.Attributes)
			for other := range after {
				if (after[other] != before[other]) != (other == path) {
					t.Errorf("the planned digest of %s is %v, and the old digest is %v; only the changed file may differ", other, after[other], before[other])
				}
			}
		})
	}
}

// TestFilesOfOlderStates checks that a state of an older version, which lacks the
// digests of content, does not plan a change.
func TestFilesOfOlderStates(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, setup := providertest.FullImage(t)
	object := providertest.ExistingImage(t, grid, config)
	files, _ := object.Get("prepared_files").(acctest.Attributes)
	older := acctest.Attributes{motd: files[motd], setup: files[setup]}
	providertest.WantNoOp(t, grid, grid.Session(t).Altered(object, acctest.Attributes{"prepared_files": older}), config)
}

// TestFileVanishes checks that the error for a missing file is correct for a
// plan and for an apply, because the provider cannot distinguish the two here.
func TestFileVanishes(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, _ := providertest.FullImage(t)
	object := providertest.ExistingImage(t, grid, config)
	if err := os.Remove(motd); err != nil {
		t.Fatal(err)
	}
	grid.Session(t).Plan(object, config).Diagnostics.WantError(t, "prepare.files[0].source", "There is no file "+regexp.QuoteMeta(motd), "If the file was there when this was planned")
}

// TestDigestAfterImport checks that the image is not replaced when its digest
// is recorded for the first time, after an import or after an upgrade.
func TestDigestAfterImport(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, _, _ := providertest.FullImage(t)
	made := providertest.ExistingImage(t, grid, config)
	imported, diagnostics := grid.Session(t).Import(providertest.ImageType, fmt.Sprint(made.Get("id")))
	diagnostics.WantNone(t)
	nothing := acctest.Attributes{"prepared_digest": nil, "prepared_files": nil, "host_key": nil, "build": nil, "prepare": nil, "verify": nil}
	sandbox := grid.ServerID(t, "golden")
	old := grid.Session(t).Altered(made, nothing.With(acctest.Attributes{"sandbox_id": sandbox}))
	bySandbox := config.With(acctest.Attributes{"build": nil, "sandbox_id": sandbox})
	for name, tc := range map[string]struct {
		object acctest.Object
		config acctest.Attributes
		action string
	}{
		"imported":                          {imported, config, "update"},
		"imported, by sandbox_id":           {imported, bySandbox, "update"},
		"of an older release, as it was":    {old, acctest.Attributes{"friendly_name": "golden", "sandbox_id": sandbox}, "no-op"},
		"of an older release, now prepared": {old, bySandbox, "update"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			object, diagnostics := s.Read(tc.object)
			diagnostics.WantNone(t)
			plan := s.Plan(object, tc.config)
			plan.Diagnostics.WantNone(t)
			if plan.Action() != tc.action {
				t.Fatalf("the plan is %s for %v, want %s", plan.Action(), plan.RequiresReplace, tc.action)
			}
			if tc.action == "no-op" {
				return
			}
			before := grid.Changes()
			object, diagnostics = s.Apply(t.Context(), plan)
			diagnostics.WantNone(t)
			if digest, ok := object.Get("prepared_digest").(string); !ok || !providertest.HexDigest.MatchString(digest) {
				t.Errorf("the digest is %v, want 64 hex digits", object.Get("prepared_digest"))
			}
			if grid.Changes() != before {
				t.Errorf("the apply changed the grid: %v", grid.Counters())
			}
			providertest.WantNoOp(t, grid, object, tc.config)
		})
	}
}

// TestFromSandboxToBuild checks that a build block in place of sandbox_id replaces
// the image.
func TestFromSandboxToBuild(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	old := grid.Session(t).Altered(providertest.ExistingImage(t, grid, providertest.BuiltImage()), acctest.Attributes{"build": nil, "sandbox_id": grid.ServerID(t, "golden")})
	plan := grid.Session(t).Plan(old, providertest.BuiltImage())
	if len(plan.RequiresReplace) != 1 || plan.RequiresReplace[0] != "sandbox_id" {
		t.Errorf("the plan is %s for %v, want a replacement for sandbox_id", plan.Action(), plan.RequiresReplace)
	}
}
