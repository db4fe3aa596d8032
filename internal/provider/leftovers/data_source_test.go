// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// left creates the leftovers of killed applies of the deployment "shop": a server, a
// sandbox of a build, and an image.
func left(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	grid.OutsideDone(t, "grid.server.add", "name", "web-9", "image", "12834", "server.ram", "1GB", "ip", grid.Address(t, true, "US-East-1", 1), "description", "the shop [deployment/shop]")
	grid.OutsideDone(t, "grid.server.add", "name", "build-0123", "image", "12834", "isSandbox", "true", "ip", grid.Address(t, true, "US-East-1", 2), "description", "[deployment/shop/0123/prepare]")
	grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, "build-0123"), "friendlyName", "web r1", "description", "[deployment/shop/0123]")
}

// TestLeftoversNames checks that a plan lists all objects that carry the tag
// and are not accounted for, and the commands that remove them.
func TestLeftoversNames(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	server, image := grid.Manage(t, "gogrid_server", providertest.Deployment()), grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	server.Apply(providertest.Web1()).WantOK(t)
	sandbox := grid.Manage(t, "gogrid_sandbox", providertest.Deployment())
	sandbox.Apply(acctest.Attributes{"name": "dev", "image": "centos6.2_64_base"}).WantOK(t)
	image.Apply(acctest.Attributes{"friendly_name": "kept", "sandbox_id": sandbox.Get("id")}).WantOK(t)
	left(t, grid)

	text := func(text string) tftypes.Value { return tftypes.NewValue(tftypes.String, text) }
	servers := tftypes.NewValue(tftypes.Map{ElementType: server.Reference().Type()}, map[string]tftypes.Value{"web": server.Reference()})
	for name, accountedFor := range map[string]tftypes.Value{
		"resources": providertest.Tuple(servers, sandbox.Reference(), providertest.Tuple(image.Reference())),
		"ids":       providertest.Tuple(text(server.Get("id").(string)), text(sandbox.Get("id").(string)), text(image.Get("id").(string))),
		"addresses": providertest.Tuple(text(server.Get("public_ip").(string)), text(sandbox.Get("public_ip").(string)), image.Reference()),
		"an object": tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": server.Reference().Type(), "b": sandbox.Reference().Type(), "c": image.Reference().Type()}},
			map[string]tftypes.Value{"a": server.Reference(), "b": sandbox.Reference(), "c": image.Reference()}),
		"what the process has refreshed": providertest.Tuple(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t, providertest.Deployment())
			if name == "what the process has refreshed" {
				for _, object := range []acctest.Object{server.Object, sandbox.Object, image.Object} {
					s.Read(object)
				}
			}
			found, diagnostics := s.ReadData("gogrid_leftovers", acctest.Attributes{"accounted_for": accountedFor})
			diagnostics.WantNone(t)
			if diff := cmp.Diff([]string{"web-9", "build-0123", "web r1"}, providertest.Strings(found["objects"], "name")); diff != "" {
				t.Errorf("leftovers (-want +got):\n%s", diff)
			}
			wantLeftovers(t, grid, found)
		})
	}
}

// wantLeftovers checks that found describes the objects that left creates.
func wantLeftovers(t *testing.T, grid *acctest.Grid, found acctest.Attributes) {
	t.Helper()
	if found["complete"] != true {
		t.Error("complete is false, want true")
	}
	id := grid.ServerID(t, "web-9")
	sweep := "terraform state pull | terraform-provider-gogrid sweep --deployment shop --state -"
	first, _ := found["objects"].([]any)[0].(acctest.Attributes)
	for name, want := range map[string]any{
		"kind": "server", "id": id, "address": grid.Server(t, "web-9").PublicIP, "description": "the shop", "path": nil,
	} {
		if first[name] != want {
			t.Errorf("%s is %v, want %v", name, first[name], want)
		}
	}
	if commands := []any{"terraform import gogrid_server.NAME " + id, sweep}; !slices.Equal(first["commands"].([]any), commands) {
		t.Errorf("the commands are %v, want %v", first["commands"], commands)
	}
	summary, _ := found["summary"].(string)
	for _, part := range []string{
		`3 objects carry the tag of deployment "shop"`, `server "web-9" (id ` + id + ")", `sandbox "build-0123"`, "which may be partly prepared",
		`image "web r1"`, "terraform import gogrid_mygsi_image.NAME ", sweep + " --yes",
	} {
		if !strings.Contains(summary, part) {
			t.Errorf("the summary lacks %q:\n%s", part, summary)
		}
	}
}

// TestLeftoversOfBuildsAlone checks that a read during an apply and a read without
// accounted_for list only servers and sandboxes of builds.
func TestLeftoversOfBuildsAlone(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	left(t, grid)
	applying := grid.Session(t, providertest.Deployment())
	_, diagnostics := applying.Apply(t.Context(), applying.Plan(applying.Absent("gogrid_server"), providertest.Web1()))
	diagnostics.WantOK(t)
	for name, read := range map[string]struct {
		session *acctest.Session
		config  acctest.Attributes
	}{
		"in an apply":           {applying, acctest.Attributes{"accounted_for": providertest.Tuple()}},
		"without accounted_for": {grid.Session(t, providertest.Deployment()), acctest.Attributes{}},
		"before any refresh":    {grid.Session(t, providertest.Deployment()), acctest.Attributes{"accounted_for": providertest.Tuple()}},
	} {
		found, diagnostics := read.session.ReadData("gogrid_leftovers", read.config)
		diagnostics.WantNone(t)
		summary, _ := found["summary"].(string)
		if names := providertest.Strings(found["objects"], "name"); !slices.Equal(names, []string{"build-0123"}) || found["complete"] != false || !strings.Contains(summary, "Only servers and sandboxes of unfinished builds") {
			t.Errorf("%s: %v, complete: %v, %q", name, names, found["complete"], summary)
		}
	}
	audit, diagnostics := grid.Session(t).ReadData("gogrid_leftovers", acctest.Attributes{"deployment": "shop", "accounted_for": providertest.Tuple()})
	diagnostics.WantNone(t)
	if names := providertest.Strings(audit["objects"], "name"); len(names) != 4 || audit["complete"] != true {
		t.Errorf("a provider without a deployment finds %v, complete: %v; want 4 objects and true", names, audit["complete"])
	}
	other, diagnostics := applying.ReadData("gogrid_leftovers", acctest.Attributes{"deployment": "blog"})
	diagnostics.WantNone(t)
	if names := providertest.Strings(other["objects"], "name"); len(names) > 0 {
		t.Errorf("leftovers of another deployment: %v", names)
	}
}

// TestLeftoverFiles checks that leases and pins are listed, and that an outage of
// Cloud Storage makes the list incomplete.
func TestLeftoverFiles(t *testing.T) {
	t.Parallel()
	grid, share := acctest.NewQuickGrid(t), storagetest.Start(t)
	block := providertest.CloudStorage(share)
	kept, lost := grid.Manage(t, "gogrid_private_ip", providertest.Deployment(), block), grid.Manage(t, "gogrid_private_ip", providertest.Deployment(), block)
	kept.Apply(acctest.Attributes{"address": "10.110.0.5", "label": "web-0"}).WantNone(t)
	lost.Apply(acctest.Attributes{"address": "10.110.0.6", "label": "web-1"}).WantNone(t)
	if err := os.MkdirAll(filepath.Join(share.Dir, "servers"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := `{"release":"r1","updated_by":"shop","updated_at":"2026-11-28T10:00:00Z"}`
	if err := os.WriteFile(filepath.Join(share.Dir, "servers", "gone.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	left(t, grid)
	config := acctest.Attributes{"accounted_for": providertest.Tuple(kept.Reference())}
	found, diagnostics := grid.Session(t, providertest.Deployment(), block).ReadData("gogrid_leftovers", config)
	diagnostics.WantNone(t)
	if diff := cmp.Diff([]string{"", "", "", "leases/private-ip/10.110.0.6.json", "servers/gone.json"}, providertest.Strings(found["objects"], "path")); diff != "" {
		t.Errorf("leftovers (-want +got):\n%s", diff)
	}

	share.Stop()
	found, diagnostics = grid.Session(t, providertest.Deployment(), block).ReadData("gogrid_leftovers", config)
	diagnostics.WantNone(t)
	summary, _ := found["summary"].(string)
	if len(providertest.Strings(found["objects"], "kind")) != 3 || found["complete"] != false || !strings.Contains(summary, "Cloud Storage could not be read") {
		t.Errorf("without Cloud Storage: %v, complete: %v, %q", providertest.Strings(found["objects"], "name"), found["complete"], summary)
	}
}

func TestLeftoversErrors(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	_, diagnostics := grid.Session(t).ReadData("gogrid_leftovers", acctest.Attributes{})
	diagnostics.WantError(t, "deployment", "Missing deployment", "provider block")
	for value, pattern := range map[string]string{"web": `"web" must be an id or an address`, "0": "must be an id", "": "must be an id"} {
		_, diagnostics = grid.Session(t, providertest.Deployment()).ReadData("gogrid_leftovers", acctest.Attributes{"accounted_for": providertest.Tuple(tftypes.NewValue(tftypes.String, value))})
		diagnostics.WantError(t, "accounted_for", regexp.QuoteMeta("read accounted_for"), pattern)
	}
	_, diagnostics = grid.Session(t, providertest.Deployment()).ReadData("gogrid_leftovers", acctest.Attributes{"accounted_for": tftypes.NewValue(tftypes.Bool, true)})
	diagnostics.WantError(t, "accounted_for", "must be a resource, an id or an address")

	if err := grid.AddFaults(simulator.Fault{Method: "grid.server.list", Kind: simulator.FaultStatus, Times: -1}); err != nil {
		t.Fatal(err)
	}
	_, diagnostics = grid.Session(t, providertest.Deployment()).ReadData("gogrid_leftovers", acctest.Attributes{})
	diagnostics.WantError(t, "-", "Could not look for leftovers of deployment shop", "List the servers")
}
