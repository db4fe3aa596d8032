// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// page is the path of the app's page in the deploy example.
const page = "app/site/index.html"

// shop is the deploy example on servers that boot.
type shop struct {
	*exampleRun
	port int // port of the page on the servers
}

// newShop loads the example. The servers serve the page on a port that the test
// reserves.
func newShop(t *testing.T) *shop {
	t.Helper()
	grid := acctest.NewGuestGrid(t, slowGrid)
	s := &shop{exampleRun: newExampleRun(t, grid), port: reservePort(t)}
	storage := grid.StorageLogin(t)
	s.Env = append(s.Env, "TF_VAR_ssh_port="+strconv.Itoa(grid.SSHPort), "TF_VAR_site_port="+strconv.Itoa(s.port),
		"TF_VAR_cloud_storage_host="+storage.Host, "TF_VAR_cloud_storage_port="+strconv.Itoa(storage.Port), "TF_VAR_cloud_storage_host_key="+storage.HostKey)
	s.load(filepath.Join(examplesDir(t), "one-click-deploy"))
	return s
}

// slowGrid slows the clock of a grid, because startup scripts limit their
// commands by that clock. Short timings compensate for the slow clock.
func slowGrid(options *simulator.Options) {
	options.Speed = 10
	options.Timings = simulator.Timings{
		ServerCreate: 10 * time.Second, SandboxCreate: 10 * time.Second, ImageSave: 10 * time.Second,
		ServerPower: 5 * time.Second, GuestBoot: 10 * time.Second, Password: 5 * time.Second, ServerDelete: 5 * time.Second,
	}
}

// reservePort returns a port that no other test gets. The test listens on it at
// an address that servers do not use.
func reservePort(t *testing.T) int {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a port for the site: %v", err)
	}
	t.Cleanup(func() { _ = held.Close() })
	return held.Addr().(*net.TCPAddr).Port
}

// shopServers returns the names of the example's servers.
func shopServers() []string { return []string{"web-01", "web-02", "web-03", "web-04"} }

// TestAccOneClickDeployExample deploys the app of the example, changes it,
// breaks it and restores it.
func TestAccOneClickDeployExample(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if output := s.apply(); strings.Contains(output, "Warning") {
		t.Errorf("apply warns:\n%s", output)
	}
	s.wantEmptyPlan()
	s.wantSmallState()
	s.wantOnGrid(shopServers()...)
	old := read(t, filepath.Join(s.Dir, page))
	first := s.wantServed(old)

	changed := strings.Replace(old, "open", "open all night", 1)
	s.must(s.Write(page, changed))
	s.wantPlannedDeploy(first)
	s.grid.ResetCounters()
	s.apply()
	s.grid.WantCalls(t, "grid.server.power", 4)
	second := s.wantServed(changed)
	if first == second {
		t.Errorf("the changed app still has the release %s", second)
	}
	s.wantEmptyPlan()

	s.must(s.Write(page, strings.NewReplacer("<h1>", "", "</h1>", "").Replace(changed)))
	s.wantStoppedDeploy()
	s.wantServed(changed)

	s.must(s.Write(page, changed))
	s.grid.ResetCounters()
	s.apply()
	s.grid.WantCalls(t, "grid.server.power", 0)
	if back := s.wantServed(changed); back != second {
		t.Errorf("after the rollback the release is %s, want %s", back, second)
	}
	s.wantEmptyPlan()
	s.ok("destroy", "-auto-approve", "-input=false", "-no-color")
	s.wantOnGrid()
}

// wantServed checks that every server serves a page and reports the same
// release. It returns the release.
func (s *shop) wantServed(want string) string {
	s.t.Helper()
	for _, name := range shopServers() {
		if got := s.served(name); got != want {
			s.t.Errorf("%s serves (-want +got):\n%s", name, cmp.Diff(want, got))
		}
	}
	var releases map[string]string
	text, err := s.Command(s.t.Context(), "output", "-json", "releases").Output()
	s.must(err)
	s.must(json.Unmarshal(text, &releases))
	if got := slices.Sorted(maps.Keys(releases)); !slices.Equal(got, shopServers()) {
		s.t.Errorf("servers of the output: %v", got)
	}
	for name, release := range releases {
		if release == "" || release != releases[shopServers()[0]] {
			s.t.Errorf("%s runs the release %q, want the same release on all servers: %v", name, release, releases)
		}
	}
	return releases[shopServers()[0]]
}

// served returns the page of a server.
func (s *shop) served(name string) string {
	s.t.Helper()
	url := fmt.Sprintf("http://%s:%d/", s.grid.Server(s.t, name).PublicIP, s.port)
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url, nil)
	s.must(err)
	response, err := http.DefaultClient.Do(request)
	s.must(err)
	text, err := io.ReadAll(response.Body)
	s.must(err)
	s.must(response.Body.Close())
	return string(text)
}

// wantPlannedDeploy checks that a plan updates the release of all servers in
// place and keeps their image.
func (s *shop) wantPlannedDeploy(from string) {
	s.t.Helper()
	want := map[string]string{
		"gogrid_storage_object.app": "delete create", "gogrid_storage_channel.web": "update", "data.gogrid_deployment.web": "read", "data.gogrid_leftovers.this": "read",
	}
	for _, name := range shopServers() {
		want[`gogrid_server.web["`+name+`"]`] = "update"
	}
	if diff := cmp.Diff(want, s.plannedChanges()); diff != "" {
		s.t.Errorf("the plan for a changed line (-want +got):\n%s", diff)
	}
	shown := words(s.ok("show", "-no-color", "later.tfplan"))
	if got, want := strings.Count(shown, fmt.Sprintf("deploy { ~ release = %q -> ", from)), len(shopServers()); got != want {
		s.t.Errorf("the plan changes the release of %d servers from %s, want %d:\n%s", got, from, want, shown)
	}
}

// wantStoppedDeploy applies an app that fails to install. The deploy must
// restart one server and leave the others alone.
func (s *shop) wantStoppedDeploy() {
	s.t.Helper()
	s.grid.ResetCounters()
	output := words(s.code(1, "apply", "-auto-approve", "-input=false", "-no-color"))
	s.grid.WantCalls(s.t, "grid.server.power", 1)
	for text, want := range map[string]int{"Error: ": 4, "This server was not touched.": 3, "are left as they are": 1} {
		if got := strings.Count(output, text); got != want {
			s.t.Errorf("apply prints %[2]q %[1]d times, want %[3]d:\n%[4]s", got, text, want, output)
		}
	}
}

// words replaces line breaks with spaces, because line breaks depend on the
// width of the output.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }
