// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// TestAccWindowsOneClickDeployExample plans the example for Windows and checks
// the rendered files. It does not apply the plan, because the simulated grid
// runs no Windows guests.
func TestAccWindowsOneClickDeployExample(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t, acctest.WithCloudStorage)
	b := newExampleRun(t, grid)
	storage := grid.StorageLogin(t)
	b.Env = append(b.Env, "TF_VAR_operator_password=canary-password",
		"TF_VAR_cloud_storage_host="+storage.Host, "TF_VAR_cloud_storage_port="+strconv.Itoa(storage.Port), "TF_VAR_cloud_storage_host_key="+storage.HostKey)
	b.load(filepath.Join(examplesDir(t), "one-click-deploy-windows"))
	b.ok("validate", "-no-color")
	want := map[string]string{
		"gogrid_mygsi_image.first": "create", "gogrid_mygsi_image.web": "create",
		"gogrid_storage_object.app": "create", "gogrid_storage_channel.web": "create", "data.gogrid_deployment.web": "read", "data.gogrid_leftovers.this": "read",
	}
	for number := range 4 {
		name := fmt.Sprintf("win-web-%02d", number+1)
		want[`gogrid_private_ip.web["`+name+`"]`], want[`gogrid_server.web["`+name+`"]`] = "create", "create"
	}
	if diff := cmp.Diff(want, b.plannedChanges()); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
	plan := b.ok("show", "-json", "later.tfplan")
	for _, secret := range []string{"canary-password", storage.Password} {
		if strings.Contains(plan, secret) {
			t.Errorf("the plan holds the password %s", secret)
		}
	}
	checkWindowsScripts(t, plan)
	checkWindowsArchive(t, plan)
}

// planned decodes the values of a data source in a plan.
func planned(t *testing.T, plan, address string, into any) {
	t.Helper()
	var shown struct {
		State struct {
			Values struct {
				RootModule struct {
					Resources []struct {
						Address string
						Values  json.RawMessage
					}
				} `json:"root_module"`
			}
		} `json:"prior_state"`
	}
	if err := json.Unmarshal([]byte(plan), &shown); err != nil {
		t.Fatal(err)
	}
	for _, resource := range shown.State.Values.RootModule.Resources {
		if resource.Address == address {
			if err := json.Unmarshal(resource.Values, into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("the plan has no values for %s", address)
}

// checkWindowsScripts checks that the plan holds the scripts of
// internal/startup, in ASCII and with line ends that cmd can read. The tests of
// internal/startup check the scripts against the rules of cmd.
func checkWindowsScripts(t *testing.T, plan string) {
	t.Helper()
	var network struct {
		HostMap string `json:"host_map"`
	}
	planned(t, plan, "data.gogrid_dhcp_config.private", &network)
	want, err := startup.Render(startup.Config{
		OS: startup.Windows, Channel: "win-web",
		Network: startup.Network{
			Mode: startup.ModeHostMap, HostMap: network.HostMap,
			Routes: []startup.Route{{Destination: netip.MustParsePrefix("10.100.0.0/24"), Gateway: netip.MustParseAddr("10.110.0.1")}},
		},
		Storage: startup.Storage{Host: "500001.cloud.storage.gogrid.com", Share: "500001", Username: "500001", PasswordFile: `C:\gogrid\storage.password`},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ScheduleCommand string `json:"schedule_command"`
		Files           []struct{ Destination, Content string }
	}
	planned(t, plan, "data.gogrid_startup_script.web", &got)
	if got.ScheduleCommand != want.BootCommand || len(got.Files) != len(want.Files) {
		t.Fatalf("the plan has the command %q and %d files, want %q and %d", got.ScheduleCommand, len(got.Files), want.BootCommand, len(want.Files))
	}
	for i, file := range want.Files {
		if diff := cmp.Diff(file.Content, got.Files[i].Content); diff != "" {
			t.Errorf("%s differs from the rendered file (-rendered +planned):\n%s", file.Path, diff)
		}
	}
	for _, file := range got.Files {
		if at := strings.IndexFunc(file.Content, func(r rune) bool { return r > '~' }); at >= 0 {
			t.Errorf("%s has a non-ASCII character at byte %d", file.Destination, at)
		}
		if lone := strings.Count(file.Content, "\n") - strings.Count(file.Content, "\r\n"); lone > 0 && !strings.HasSuffix(file.Destination, ".json") {
			t.Errorf("%s has %d lines that do not end with CR LF", file.Destination, lone)
		}
	}
	for _, line := range strings.Split(got.Files[0].Content, "\r\n") {
		if strings.HasPrefix(line, "timeout ") || strings.HasPrefix(line, "net use ") {
			t.Errorf("SYSTEM cannot run this at boot: %s", line)
		}
	}
}

// checkWindowsArchive checks the archive of the release for Windows. The tests of
// internal/provider/release check the text of the manifest, which the plan does not
// hold.
func checkWindowsArchive(t *testing.T, plan string) {
	t.Helper()
	var archive struct {
		Release, OS string
		FileCount   int `json:"file_count"`
		Manifest    struct {
			Steps []struct{ Install struct{ To string } }
		}
	}
	planned(t, plan, "data.gogrid_bootstrap_archive.app", &archive)
	if archive.OS != "windows" || archive.Release == "" || archive.FileCount != 2 || len(archive.Manifest.Steps) != 3 {
		t.Fatalf("the archive is %+v, want one for Windows with a release, two files and three steps", archive)
	}
	if to := archive.Manifest.Steps[1].Install.To; to != `C:\inetpub\shop` {
		t.Errorf("the second step installs to %q", to)
	}
}
