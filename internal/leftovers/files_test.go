// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

func lease(address, owner, label string) string {
	return `{"address":"` + address + `","owner":"` + owner + `","label":"` + label + `","since":"2026-11-28T10:00:00Z"}` + "\n"
}

func pin(owner string) string {
	return "{\n  \"release\": \"r1\",\n  \"archive\": \"releases/r1.zip\",\n  \"sha256\": \"" + strings.Repeat("0", 64) + "\",\n  \"updated_by\": \"" + owner +
		"\",\n  \"updated_at\": \"2026-11-28T10:00:00Z\"\n}\n"
}

func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	kept := r.made("web-0", "shop", "", false)
	r.made("web-1", "shop", "", false)
	r.known.AddServer(kept.ID)
	r.known.AddServerName("Web-2")
	free, held := r.Address(t, false, "US-West-1", 0), r.Address(t, false, "US-West-1", 1)
	r.known.AddAddress(held)
	share := &files{content: map[string]string{
		"leases/private-ip/" + free + ".json":        lease(free, "shop", "web-1"),
		"leases/private-ip/" + held + ".json":        lease(held, "shop", "web-0"),
		"leases/private-ip/10.110.0.9.json":          lease("10.110.0.9", "blog", ""),
		"leases/private-ip/10.110.0.8.json":          lease("10.110.0.9", "shop", ""), // a copy at a path that belongs to another lease
		"leases/private-ip/10.110.0.7.json":          "",                              // the writer was killed
		"leases/private-ip/10.110.0.7.json.takeover": "",
		"servers/web-0.json":                         pin("shop"),
		"servers/web-1.json":                         pin("shop"),
		"servers/web-2.json":                         pin("shop"),
		"servers/gone.json":                          pin("shop"),
		"servers/blog.json":                          pin("blog"),
		"servers/broken.json":                        "{",
		"channels/web.json":                          pin("shop"),
		"servers/nested/web-1.json":                  pin("shop"),
	}}
	r.finder.Share = share
	findings, err := r.finder.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"lease of " + free + ` for "web-1" (file leases/private-ip/` + free + ".json)",
		`pin of server "gone" (file servers/gone.json)`,
		`pin of server "web-1" (file servers/web-1.json)`,
	}
	if diff := cmp.Diff(want, names(findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if keep := findings[0].KeepCommand(); !strings.HasPrefix(keep, "terraform import gogrid_private_ip.NAME ") {
		t.Errorf("the command that keeps the lease is %q, want an import of the address", keep)
	}

	before := share.paths()
	share.content["servers/gone.json"] = pin("shop") + "\n"
	outcomes, err := r.sweep(findings)
	var changed *leftovers.ChangedError
	if err == nil || !errors.As(outcomes[want[1]], &changed) || outcomes[want[0]] != nil || outcomes[want[2]] != nil {
		t.Errorf("outcomes: %v, %v", outcomes, err)
	}
	if left := share.paths(); len(left) != len(before)-2 || share.content["servers/gone.json"] == "" {
		t.Errorf("%v remain, want two files fewer, and the changed file still there", left)
	}
}

// TestUnfinishedFiles checks that an interrupted upload is a leftover of the
// deployment that its content names, even if a resource manages the complete file.
func TestUnfinishedFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	held := r.Address(t, false, "US-West-1", 1)
	r.known.AddAddress(held)
	path := "leases/private-ip/" + held + ".json"
	share := &files{content: map[string]string{
		path: lease(held, "shop", "web-0"), path + ".part-a": lease(held, "shop", "web-0"), path + ".part-b": lease(held, "blog", "web-0"),
		"servers/web-0.json.part-c": pin("shop"), "servers/web-1.json.part-d": "{",
	}}
	r.finder.Share = share
	findings, err := r.finder.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sweep(findings); err != nil {
		t.Fatal(err)
	}
	want := []string{path, path + ".part-b", "servers/web-1.json.part-d"}
	if left := share.paths(); !slices.Equal(left, want) {
		t.Errorf("%q remain, want %q", left, want)
	}
	if text := leftovers.Text(findings); strings.Count(text, "unfinished upload of") != 2 {
		t.Errorf("the text does not name two unfinished uploads:\n%s", text)
	}
}

// TestFilesOfAServerThatStays checks that the sweep keeps the lease and the pin
// of a server that cannot be removed.
func TestFilesOfAServerThatStays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	web := r.made("web-0", "shop", "", false)
	private := r.Address(t, false, "US-West-1", 0)
	share := &files{content: map[string]string{
		"leases/private-ip/" + private + ".json": lease(private, "shop", "web-0"), "servers/web-0.json": pin("shop"), "servers/gone.json": pin("shop"),
	}}
	r.finder.Share = share
	findings := r.find()
	findings[0].Private = private
	r.Outside(t, "grid.server.edit", "id", idText(web.ID), "description", "mine")
	share.failing = "servers/gone.json"
	outcomes, err := r.sweep(findings)
	if err == nil || len(share.paths()) != 3 {
		t.Errorf("%v remain, want all three files and an error: %v", share.paths(), err)
	}
	for name, outcome := range outcomes {
		if outcome == nil {
			t.Errorf("removing %s succeeded, want an error", name)
		}
		if strings.Contains(name, "gone") && !errors.Is(outcome, storage.ErrBusy) {
			t.Errorf("%s: %v", name, outcome)
		}
	}
}
