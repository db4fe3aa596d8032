// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// DeployRig is a grid whose servers load their releases from a share when they
// boot. A web server answers in place of the servers, with the release that
// each server runs.
type DeployRig struct {
	t     *testing.T
	Grid  *acctest.Grid
	Share *storagetest.Server
	// URL is the address of the web server. The path names the server.
	URL string

	mu    sync.Mutex
	boots int
	// Broken names releases whose installation fails. Unhealthy names releases
	// that install and then fail the health check.
	Broken, Unhealthy map[string]bool
}

// NewDeployRig returns a rig without servers whose channel names release v1.
func NewDeployRig(t *testing.T) *DeployRig {
	t.Helper()
	r := &DeployRig{t: t, Grid: acctest.NewQuickGrid(t), Share: storagetest.Start(t), Broken: map[string]bool{}, Unhealthy: map[string]bool{}}
	web := httptest.NewServer(http.HandlerFunc(r.answer))
	t.Cleanup(web.Close)
	r.URL = web.URL
	r.follow("grid.server.add")
	r.follow("grid.server.power")
	r.Publish("v1", "")
	return r
}

// follow calls boot after each call of an API method that starts servers.
func (r *DeployRig) follow(method string) {
	r.Grid.After(method, func() {
		r.boot()
		r.follow(method)
	})
}

// boot simulates the boot of each server whose pin marks a step of a rollout
// that the server has not reported yet.
func (r *DeployRig) boot() {
	pins, err := filepath.Glob(filepath.Join(r.Share.Dir, "servers", "*.json"))
	if err != nil {
		r.t.Error(err)
	}
	for _, at := range pins {
		name := strings.TrimSuffix(filepath.Base(at), ".json")
		if pin := r.Pin(name); pin["turn"] != nil && pin["turn_status"] == r.Status(name)["started"] {
			r.Report(name, fmt.Sprint(pin["release"]))
		}
	}
}

// Report writes the status that a server reports after it tries to load a
// release at boot.
func (r *DeployRig) Report(name, wanted string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.boots++
	release, result, problem := wanted, "ok", ""
	if r.Broken[wanted] {
		release, result, problem = fmt.Sprint(r.Status(name)["release"]), "failed", "a step of the release "+wanted+" failed"
	}
	r.Put(startup.StatusFile(name), fmt.Sprintf("{\"server\": %q, \"release\": %q, \"wanted\": %q, \"result\": %q, \"problem\": %q,\n"+
		"\"since\": \"2026-11-25T10:00:00Z\", \"started\": \"2026-11-25T10:00:%02dZ\", \"time\": \"2026-11-25T10:01:00Z\", \"steps\": [{\"number\": 1, \"kind\": \"run\", \"result\": %q}]}\n",
		name, release, wanted, result, problem, r.boots, result))
}

// Put writes a file to the share. It writes a temporary file and renames it,
// because the provider reads the share at the same time.
func (r *DeployRig) Put(at, content string) {
	at = filepath.Join(r.Share.Dir, filepath.FromSlash(at))
	err := os.MkdirAll(filepath.Dir(at), 0o700)
	if err == nil {
		err = os.WriteFile(at+".new", []byte(content), 0o600)
	}
	if err == nil {
		err = os.Rename(at+".new", at)
	}
	if err != nil {
		r.t.Error(err)
	}
}

// readFile returns the content of a JSON file on the share. The map is empty if
// the file does not exist.
func (r *DeployRig) readFile(at string) map[string]any {
	found := map[string]any{}
	text, err := os.ReadFile(filepath.Join(r.Share.Dir, filepath.FromSlash(at)))
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err != nil && !os.IsNotExist(err) {
		r.t.Errorf("%s: %v", at, err)
	}
	return found
}

// Pin returns the content of a server's pin.
func (r *DeployRig) Pin(name string) map[string]any { return r.readFile(startup.ServerFile(name)) }

// Repin changes a server's pin to a different release. Members of more override
// members of the pin.
func (r *DeployRig) Repin(name, release string, more acctest.Attributes) {
	pin := acctest.Attributes(r.Pin(name)).With(acctest.Attributes{"release": release, "archive": "releases/" + release + ".zip", "sha256": SHA256(release)}).With(more)
	text, err := json.MarshalIndent(pin, "", "  ")
	if err != nil {
		r.t.Error(err)
	}
	r.Put(startup.ServerFile(name), string(text))
}

// Status returns the content of a server's status file.
func (r *DeployRig) Status(name string) map[string]any { return r.readFile(startup.StatusFile(name)) }

// answer responds in place of the server that the path names.
func (r *DeployRig) answer(w http.ResponseWriter, req *http.Request) {
	release := fmt.Sprint(r.Status(path.Base(req.URL.Path))["release"])
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Unhealthy[release] {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintf(w, "this is release %s", release)
}

// Publish makes the channel name a release. If before is not empty, the channel
// also records it as the previous release.
func (r *DeployRig) Publish(name, before string) {
	pointer := func(name string) startup.Pointer {
		if name == "" {
			return startup.Pointer{}
		}
		return startup.Pointer{Release: name, Archive: "releases/" + name + ".zip", SHA256: SHA256(name)}
	}
	r.Put(WebChannel, pointer(name).After(pointer(before)).Encode())
}

// Attributes returns the deploy and timeouts blocks of a server that must run a
// release. Each change replaces members of the deploy block.
func (r *DeployRig) Attributes(release string, changes ...acctest.Attributes) acctest.Attributes {
	block := acctest.Attributes{"channel": "web", "release": release, "health": acctest.Attributes{"http": r.URL + "/{name}", "body": "release {release}", "timeout": "10h"}}
	for _, change := range changes {
		block = block.With(change)
	}
	return acctest.Attributes{"deploy": block, "timeouts": acctest.Attributes{"update": "20h", "create": "20h"}}
}

// WithoutPatience returns a health block whose timeout expires at once.
func (r *DeployRig) WithoutPatience() acctest.Attributes {
	return acctest.Attributes{"health": acctest.Attributes{"http": r.URL + "/{name}", "timeout": "1ns"}}
}

// Manage returns a managed server in the rig's deployment, with an empty state.
func (r *DeployRig) Manage() *acctest.Managed {
	return r.Grid.Manage(r.t, "gogrid_server", CloudStorage(r.Share), Deployment())
}

// Session returns a provider process with the rig's share and deployment.
func (r *DeployRig) Session() *acctest.Session {
	return r.Grid.Session(r.t, CloudStorage(r.Share), Deployment())
}

// WantRuns checks that a server runs a release, is pinned to it, and is not in
// a step of a rollout. It also checks the number of restarts of all servers.
func (r *DeployRig) WantRuns(name, release string, restarts int) {
	r.t.Helper()
	pin := r.Pin(name)
	if r.Status(name)["release"] != release || pin["release"] != release || pin["turn"] != nil {
		r.t.Errorf("%s runs %v and has the pin %v, want %s", name, r.Status(name)["release"], pin, release)
	}
	if got := r.Grid.Jobs("RestartVirtualServer"); got != restarts {
		r.t.Errorf("there were %d restarts, want %d", got, restarts)
	}
}

// RunningRelease returns the release in the deploy block of a server's state.
func RunningRelease(object interface{ Get(string) any }) any {
	return object.Get("deploy").(acctest.Attributes)["release"]
}
