// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build_test

import (
	"fmt"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestUnknownInPrepare checks that unknown values cause no error, and that the
// digest is unknown if it depends on them.
func TestUnknownInPrepare(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	unknown := acctest.Unknown{}
	config, motd, _ := providertest.FullImage(t)
	plain := acctest.Attributes{"source": motd, "destination": "/etc/motd"}
	bastion := func(change acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{"bastion": acctest.Attributes{"host": "gate"}.With(change)}
	}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		known  bool
	}{
		"build":               {config.With(acctest.Attributes{"build": unknown}), true},
		"build.image":         {config.With(acctest.Attributes{"build": acctest.Attributes{"image": unknown, "public_ip": unknown, "datacenter": unknown, "max_duration": unknown, "keep_sandbox_on_failure": unknown}}), true},
		"sandbox_id":          {config.With(acctest.Attributes{"build": nil, "sandbox_id": unknown}), true},
		"sandbox_id or build": {config.With(acctest.Attributes{"sandbox_id": unknown}), true},
		"verify":              {config.With(acctest.Attributes{"verify": unknown}), true},
		"in verify":           {config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": unknown, "ram": unknown, "timeout": unknown}}), true},
		"one verify command":  {config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"true", unknown}}}), true},
		"name and triggers":   {config.With(acctest.Attributes{"friendly_name": unknown, "rebuild_triggers": acctest.Attributes{"a": unknown}}), true},
		"prepare":             {config.With(acctest.Attributes{"prepare": unknown}), false},
		"mode":                {providertest.WithPrepare(config, acctest.Attributes{"mode": unknown}, nil), false},
		"files":               {providertest.WithPrepare(config, acctest.Attributes{"files": unknown}, nil), false},
		"a file":              {providertest.WithPrepare(config, acctest.Attributes{"files": []any{plain, unknown}}, nil), false},
		"source":              {providertest.WithPrepare(config, providertest.FilesBlock(plain.With(acctest.Attributes{"source": unknown})), nil), false},
		"content":             {providertest.WithPrepare(config, providertest.FilesBlock(plain.With(acctest.Attributes{"source": nil, "content": unknown})), nil), false},
		"source and content":  {providertest.WithPrepare(config, providertest.FilesBlock(plain.With(acctest.Attributes{"source": unknown, "content": unknown})), nil), false},
		"destination":         {providertest.WithPrepare(config, providertest.FilesBlock(plain.With(acctest.Attributes{"destination": unknown})), nil), false},
		"mode of a file":      {providertest.WithPrepare(config, providertest.FilesBlock(plain.With(acctest.Attributes{"mode": unknown})), nil), false},
		"secrets":             {providertest.WithPrepare(config, acctest.Attributes{"secret_files_wo": unknown}, nil), true},
		"a secret":            {providertest.WithPrepare(config, acctest.Attributes{"secret_files_wo": acctest.Attributes{"/a": unknown}}, nil), true},
		"version of secrets":  {providertest.WithPrepare(config, acctest.Attributes{"secret_files_wo_version": unknown}, nil), false},
		"commands":            {providertest.WithPrepare(config, acctest.Attributes{"commands": unknown}, nil), false},
		"a command":           {providertest.WithPrepare(config, acctest.Attributes{"commands": []any{"true", unknown}}, nil), false},
		"scripts":             {providertest.WithPrepare(config, acctest.Attributes{"scripts": unknown}, nil), false},
		"a script":            {providertest.WithPrepare(config, acctest.Attributes{"scripts": []any{unknown}}, nil), false},
		"environment":         {providertest.WithPrepare(config, acctest.Attributes{"environment": unknown}, nil), false},
		"a variable":          {providertest.WithPrepare(config, acctest.Attributes{"environment": acctest.Attributes{"A": unknown}}, nil), false},
		"prep_command":        {providertest.WithPrepare(config, acctest.Attributes{"prep_command": unknown}, nil), false},
		"connection":          {providertest.WithPrepare(config, acctest.Attributes{"connection": unknown}, nil), false},
		"type":                {providertest.WithPrepare(config, nil, acctest.Attributes{"type": unknown}), false},
		"username":            {providertest.WithPrepare(config, nil, acctest.Attributes{"username": unknown}), false},
		"password version":    {providertest.WithPrepare(config, nil, acctest.Attributes{"password_wo_version": unknown}), false},
		"key version":         {providertest.WithPrepare(config, nil, acctest.Attributes{"private_key_wo_version": unknown}), false},
		"password":            {providertest.WithPrepare(config, nil, acctest.Attributes{"password_wo": unknown}), true},
		"private key":         {providertest.WithPrepare(config, nil, acctest.Attributes{"private_key_wo": unknown}), true},
		"passphrase":          {providertest.WithPrepare(config, nil, acctest.Attributes{"private_key_wo": providertest.PrivateKey(t, "x"), "private_key_passphrase_wo": unknown}), true},
		"host key, port":      {providertest.WithPrepare(config, nil, acctest.Attributes{"host_key": unknown, "port": unknown, "timeout": unknown}), true},
		"certificates":        {providertest.WithPrepare(config, nil, acctest.Attributes{"type": "winrm", "ca_certificate": unknown, "insecure": unknown, "bastion": nil}).With(acctest.Attributes{"prepare": acctest.Attributes{"commands": []any{"dir"}}}), true},
		"bastion":             {providertest.WithPrepare(config, nil, acctest.Attributes{"bastion": unknown}), false},
		"bastion's host":      {providertest.WithPrepare(config, nil, bastion(acctest.Attributes{"host": unknown, "port": unknown, "username": unknown, "host_key": unknown, "password_wo": unknown})), true},
		"bastion's version":   {providertest.WithPrepare(config, nil, bastion(acctest.Attributes{"password_wo_version": unknown})), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := providertest.PlanImage(t, grid, tc.config)
			plan.Diagnostics.WantNone(t)
			if known := plan.Planned("prepared_digest") != (acctest.Unknown{}); known != tc.known {
				t.Errorf("the planned digest is %v, want a known digest: %t", plan.Planned("prepared_digest"), tc.known)
			}
		})
	}
}

// TestWarningsAreGivenOnce checks that the plan warns if it creates or replaces
// an image, and does not warn if it keeps the image.
func TestWarningsAreGivenOnce(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.PreparedImage(acctest.Attributes{"commands": []any{"true", "ifup eth1", "ifup eth1; mount /mnt"}, "prep_command": "gogrid-prep"})
	plan := providertest.PlanImage(t, grid, config)
	plan.Diagnostics.WantWarning(t, "prepare.commands[1]", "private adapter does not survive", `commands\[1\], commands\[2\]`, "startup script")
	object := providertest.ExistingImage(t, grid, config)
	grid.Session(t).Plan(object, config).Diagnostics.WantNone(t)
	for name, change := range map[string]acctest.Attributes{
		"for its digest":   providertest.WithPrepare(config, acctest.Attributes{"environment": acctest.Attributes{"A": "1"}}, nil),
		"for its image":    config.With(acctest.Attributes{"build": acctest.Attributes{"image": "debian_6.0_64_base"}}),
		"for its triggers": config.With(acctest.Attributes{"rebuild_triggers": acctest.Attributes{"a": "2"}}),
	} {
		s := grid.Session(t)
		plan := s.Plan(s.Altered(object, acctest.Attributes{"rebuild_triggers": acctest.Attributes{"a": "1"}}), change)
		if plan.Action() != "replace" {
			t.Errorf("image replaced %s: the plan is %s, want replace", name, plan.Action())
		}
		all := append(plan.Diagnostics, s.Replacement(plan).Diagnostics...)
		all.WantWarning(t, "prepare.commands[1]", "private adapter")
	}
	providertest.PlanImage(t, grid, providertest.WithPrepare(config, acctest.Attributes{"prep_command": nil}, nil)).Diagnostics.WantNone(t)
}

func TestManualPreparationIsAnnounced(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.PreparedImage(acctest.Attributes{"mode": "manual"})
	plan := providertest.PlanImage(t, grid, config)
	plan.Diagnostics.WantWarning(t, "prepare.mode", `Image "golden" waits until a person`, `sandbox "build-[0-9a-f]{12}"`, "showed the address and the password", "switch it off", "at most 2h0m0s")
	if plan.Planned("host_key") != nil || plan.Planned("prepared_digest") == nil {
		t.Errorf("the planned host_key is %v and the planned digest is %v", plan.Planned("host_key"), plan.Planned("prepared_digest"))
	}
	fixed := acctest.Attributes{"build": acctest.Attributes{"image": "12834", "public_ip": "127.20.0.9", "max_duration": "3h"}}
	providertest.PlanImage(t, grid, config.With(fixed)).Diagnostics.WantWarning(t, "prepare.mode", `" *, which this apply creates at 127.20.0.9`, "at most 3h0m0s")
	providertest.PlanImage(t, grid, config.With(fixed).With(acctest.Attributes{"timeouts": acctest.Attributes{"create": "30m"}})).Diagnostics.WantWarning(t, "prepare.mode", "at most 30m0s")
	object := providertest.ExistingImage(t, grid, config)
	grid.Session(t).Plan(object, config).Diagnostics.WantNone(t)
	bySandbox := config.With(acctest.Attributes{"build": nil, "sandbox_id": grid.ServerID(t, "golden")})
	providertest.PlanImage(t, grid, bySandbox).Diagnostics.WantWarning(t, "prepare.mode", "sandbox that sandbox_id names")
}

// TestBuildAddresses checks that a plan with more builds than free addresses
// fails with one error, and that the sandbox of a build and the servers made from
// its image can use the same address.
func TestBuildAddresses(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 8 })
	s := grid.Session(t)
	var all acctest.Diagnostics
	for i := range 7 {
		all = append(all, s.Plan(s.Absent(providertest.ImageType), providertest.BuiltImage().With(acctest.Attributes{"friendly_name": fmt.Sprint("golden ", i)})).Diagnostics...)
	}
	all.WantError(t, "build.public_ip", "Not enough free public addresses", "in US-West-1; 5 are free")

	s = grid.Session(t)
	s.Plan(s.Absent(providertest.ImageType), providertest.BuiltImage()).Diagnostics.WantNone(t)
	for i := range 5 {
		s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})).Diagnostics.WantNone(t)
	}
	fixed := providertest.BuiltImage().With(acctest.Attributes{"build": acctest.Attributes{"image": "12834", "public_ip": "127.20.0.6"}})
	s.Plan(s.Absent(providertest.ImageType), fixed).Diagnostics.WantNone(t)
	s.Plan(s.Absent(providertest.ImageType), fixed.With(acctest.Attributes{"friendly_name": "silver"})).Diagnostics.WantError(t, "build.public_ip", "127.20.0.6 is asked for twice")
}

// TestBuildAtAnAddressOfABuild checks that an address in use by the sandbox of
// an interrupted build causes only a warning, because the apply may delete the
// sandbox first.
func TestBuildAtAnAddressOfABuild(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "build-0123456789ab", "image", "12834", "isSandbox", "true", "ip", "127.20.0.6")
	config := providertest.BuiltImage().With(acctest.Attributes{"build": acctest.Attributes{"image": "12834", "public_ip": "127.20.0.6"}})
	providertest.PlanImage(t, grid, config).Diagnostics.WantWarning(t, "build.public_ip", "127.20.0.6 is taken", `sandbox "build-0123456789ab"`)
}

// TestBuildWithAReadOnlyKey checks that a plan to build an image fails if the API
// key may not change the grid.
func TestBuildWithAReadOnlyKey(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t).As(acctest.ReadOnlyKey())
	providertest.PlanImage(t, grid, providertest.BuiltImage()).Diagnostics.WantError(t, "-", "API key may not save image golden")
}

// TestPrepareWithAnUnknownProvider checks that a plan computes the digest without
// access to the grid.
func TestPrepareWithAnUnknownProvider(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, _, _ := providertest.FullImage(t)
	s := grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}})
	plan := s.Plan(s.Absent(providertest.ImageType), config)
	plan.Diagnostics.WantNone(t)
	if digest, ok := plan.Planned("prepared_digest").(string); !ok || !providertest.HexDigest.MatchString(digest) {
		t.Errorf("the planned digest is %v", plan.Planned("prepared_digest"))
	}
}
