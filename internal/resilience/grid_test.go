// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

const (
	// handDriven is the flag for a grid whose clock barely advances unless a test
	// waits. A test therefore always observes a phase before the phase ends, even
	// on a busy machine.
	handDriven = "--speed=1"
	// clockStep is the grid time that passes on such a grid between two polls. The
	// shortest phase that a test waits for takes more than three steps.
	clockStep = 3 * time.Second
)

// moderate returns the flags for a grid on which a test waits about one second
// for a server, and slightly longer for an image.
func moderate() []string {
	return []string{handDriven, "--timing=server_create=2m,sandbox_create=2m,image_save=3m,server_edit=20s,server_delete=10s"}
}

// grid is a simulated grid in its own process. It can be killed and restarted
// with the same state and address.
type grid struct {
	*tfcli.Simulator

	t     testing.TB
	dir   string
	flags []string
	down  bool // whether the grid is killed and not restarted
}

// newGrid starts a grid that stops when the test ends.
func newGrid(t testing.TB, flags ...string) *grid {
	t.Helper()
	tools.require(t)
	g := &grid{t: t, dir: t.TempDir()}
	g.flags = append([]string{
		"--strict", "--seed=1", "--state=" + g.stateFile(), "--api-key=0123456789abcdef", "--shared-secret=canary-shared-secret",
	}, flags...)
	g.start(fmt.Sprintf("127.0.0.1:%d", testport.New(t)))
	t.Cleanup(g.kill)
	return g
}

func (g *grid) stateFile() string { return filepath.Join(g.dir, "grid.db") }

func (g *grid) start(listen string) {
	g.t.Helper()
	started, err := tfcli.StartSimulator(g.t.Context(), clockwork.NewRealClock(), tools.simulator(), g.dir, append(g.flags, "--listen="+listen)...)
	if err != nil {
		g.t.Fatal(err)
	}
	g.Simulator, g.down = started, false
}

// kill sends SIGKILL to the process, unless the grid is already down.
func (g *grid) kill() {
	g.t.Helper()
	if g.down {
		return
	}
	g.down = true
	if err := syscall.Kill(g.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		g.t.Fatal(err)
	}
	if err := g.Stop(); err != nil { // waits until the process is gone
		g.t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(g.dir, "ready.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		g.t.Fatal(err)
	}
}

// restart restarts a killed grid at the same address.
func (g *grid) restart() {
	g.t.Helper()
	endpoint, err := url.Parse(g.Endpoint)
	if err != nil {
		g.t.Fatal(err)
	}
	g.start(endpoint.Host)
}

// loseAll restarts a killed grid with an empty state.
func (g *grid) loseAll() {
	g.t.Helper()
	if err := os.Remove(g.stateFile()); err != nil {
		g.t.Fatal(err)
	}
	g.restart()
}

// callAdmin calls the admin API.
func (g *grid) callAdmin(method, path string, body string, answer any) {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.Admin+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		g.t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		g.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (g *grid) state() simulator.Inspection {
	g.t.Helper()
	var state simulator.Inspection
	g.callAdmin(http.MethodGet, "/state", "", &state)
	return state
}

// calls returns the number of answered calls, by method.
func (g *grid) calls() map[string]int {
	g.t.Helper()
	var counters struct{ Calls map[string]int }
	g.callAdmin(http.MethodGet, "/counters", "", &counters)
	return counters.Calls
}

// totalCalls returns the number of answered calls since the start of the grid.
func (g *grid) totalCalls() int {
	g.t.Helper()
	total := 0
	for _, calls := range g.calls() {
		total += calls
	}
	return total
}

// waitFor polls until observed returns true. It advances the clock of a
// hand-driven grid.
func (g *grid) waitFor(what string, observed func() bool) {
	g.t.Helper()
	waitFor(g.t, what, func() bool {
		if observed() {
			return true
		}
		if !g.down && slices.Contains(g.flags, handDriven) {
			var clock any
			g.callAdmin(http.MethodPost, "/clock", fmt.Sprintf(`{"advance":%q}`, clockStep), &clock)
		}
		return false
	})
}

// fault adds a fault rule.
func (g *grid) fault(rule simulator.Fault) {
	g.t.Helper()
	text, err := json.Marshal([]simulator.Fault{rule})
	if err != nil {
		g.t.Fatal(err)
	}
	var rules any
	g.callAdmin(http.MethodPost, "/faults", string(text), &rules)
}

// servers returns the sorted names of the servers on the grid.
func (g *grid) servers() []string {
	g.t.Helper()
	names := []string{}
	for _, server := range g.state().Servers {
		names = append(names, server.Name)
	}
	slices.Sort(names)
	return names
}

// awaitServers waits until the grid has at least the given number of servers.
func (g *grid) awaitServers(atLeast int) {
	g.t.Helper()
	waitFor(g.t, "servers on the grid", func() bool { return len(g.state().Servers) >= atLeast })
}

// awaitFinished waits until the grid is not creating or changing any object.
func (g *grid) awaitFinished() {
	g.t.Helper()
	g.waitFor("the grid to finish its work", func() bool {
		state := g.state()
		return !slices.ContainsFunc(state.Servers, func(s simulator.ServerInfo) bool { return s.Operation != "" }) &&
			!slices.ContainsFunc(state.Images, func(i simulator.ImageInfo) bool { return i.State == client.ImageSaving })
	})
}

// client returns a client of the grid's API.
func (g *grid) client() *client.Client {
	g.t.Helper()
	c, err := client.New(g.APIKey, g.SharedSecret, client.WithEndpoint(g.Endpoint))
	if err != nil {
		g.t.Fatal(err)
	}
	return c
}

// env returns the environment variables that connect a provider to the grid.
func (g *grid) env(poll time.Duration) []string {
	return append(g.Env(), "GOGRID_POLL_INTERVAL="+poll.String())
}
