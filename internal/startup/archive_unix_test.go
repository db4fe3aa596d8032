// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package startup

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
)

// TestInstallerReadsBootstrapArchives checks that the installer runs an archive
// that package bootstrap built, with steps of every kind and with texts that
// are hard to parse.
func TestInstallerReadsBootstrapArchives(t *testing.T) {
	t.Parallel()
	shells(t, func(t *testing.T, shell string) {
		g := newGuest(t, shell, testConfig())
		files := app("one")
		files["scripts/first.sh"] = "#!/bin/sh\n" + files["scripts/first.sh"]
		recipe := bootstrap.Recipe{
			OS: bootstrap.Linux, Version: "v1", Files: files,
			Steps: []bootstrap.Step{
				{Install: &bootstrap.Install{From: "app/", To: "/srv/site/app"}},
				{Run: &bootstrap.Run{Script: "scripts/first.sh"}, When: bootstrap.FirstBoot},
				{Run: &bootstrap.Run{Script: "scripts/start.sh", Args: []string{"a b", `c"d\e`, "$HOME", "<&>", ""}}, When: bootstrap.EveryBoot},
				{Service: &bootstrap.Service{Name: "site", Action: "restart"}, OnError: bootstrap.Continue, When: bootstrap.EveryBoot},
			},
		}
		var archive bytes.Buffer
		built, err := recipe.Build(t.Context(), &archive)
		g.must(err)
		g.write(g.cloud, "releases/"+built.Release+".zip", archive.String())
		g.point("channels/web.json", built.Release, built.SHA256)

		g.wantBoot(0)
		g.wantStatus(built.Release + " of " + built.Release + ": ok [install ok, run ok, run ok, service ok]")
		if got, want := g.read(g.root, "started"), "first\na b|c\"d\\e|$HOME|<&>||"+built.Release+" web-1\n"; got != want {
			t.Errorf("the steps wrote %q, want %q", got, want)
		}
		if got := g.read(filepath.Join(g.root, "srv/site/app"), "index.html"); got != "one\n" {
			t.Errorf("the app says %q", got)
		}
	})
}
