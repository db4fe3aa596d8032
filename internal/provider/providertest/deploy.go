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
// boot, and answer with what they run.
type DeployRig struct {
	t     *testing.T
	Grid  *acctest.Grid
	Share *storagetest.Server
	URL   string

	mu    sync.Mutex
	boots int
	// Broken are releases that do not install, sick such that do not answer.
	Broken, Unhealthy map[string]bool
}

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

// follow has the servers that a call made or started boot.
func (r *DeployRig) follow(method string) {
	r.Grid.After(method, func() {
		r.boot()
		r.follow(method)
	})
}

// boot boots the servers whose turn it is.
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

// Report is what a server does that boots to load a release.
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

// Put puts a file on the share in one step, as it is read all along.
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

// file is a JSON file on the share; empty when there is none.
func (r *DeployRig) file(at string) map[string]any {
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

func (r *DeployRig) Pin(name string) map[string]any { return r.file(startup.ServerFile(name)) }

// Repin pins a server to another release.
func (r *DeployRig) Repin(name, release string, more acctest.Attributes) {
	pin := acctest.Attributes(r.Pin(name)).With(acctest.Attributes{"release": release, "archive": "releases/" + release + ".zip", "sha256": SHA256(release)}).With(more)
	text, err := json.MarshalIndent(pin, "", "  ")
	if err != nil {
		r.t.Error(err)
	}
	r.Put(startup.ServerFile(name), string(text))
}

func (r *DeployRig) Status(name string) map[string]any { return r.file(startup.StatusFile(name)) }

// answer is what the servers serve.
func (r *DeployRig) answer(w http.ResponseWriter, req *http.Request) {
	release := fmt.Sprint(r.Status(path.Base(req.URL.Path))["release"])
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Unhealthy[release] {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintf(w, "this is release %s", release)
}

// Publish puts a release on the share and has the channel name it.
func (r *DeployRig) Publish(name, before string) {
	pointer := func(name string) startup.Pointer {
		if name == "" {
			return startup.Pointer{}
		}
		return startup.Pointer{Release: name, Archive: "releases/" + name + ".zip", SHA256: SHA256(name)}
	}
	r.Put(WebChannel, pointer(name).After(pointer(before)).Encode())
}

// Attributes are the attributes of a server that is to run a release.
func (r *DeployRig) Attributes(release string, changes ...acctest.Attributes) acctest.Attributes {
	block := acctest.Attributes{"channel": "web", "release": release, "health": acctest.Attributes{"http": r.URL + "/{name}", "body": "release {release}", "timeout": "10h"}}
	for _, change := range changes {
		block = block.With(change)
	}
	return acctest.Attributes{"deploy": block, "timeouts": acctest.Attributes{"update": "20h", "create": "20h"}}
}

// WithoutPatience is a health block that waits for nothing.
func (r *DeployRig) WithoutPatience() acctest.Attributes {
	return acctest.Attributes{"health": acctest.Attributes{"http": r.URL + "/{name}", "timeout": "1ns"}}
}

func (r *DeployRig) Manage() *acctest.Managed {
	return r.Grid.Manage(r.t, "gogrid_server", CloudStorage(r.Share), acctest.Attributes{"deployment": "shop"})
}

func (r *DeployRig) Session() *acctest.Session {
	return r.Grid.Session(r.t, CloudStorage(r.Share), acctest.Attributes{"deployment": "shop"})
}

// WantRuns tells what a server runs and is pinned to, and how often servers
// were restarted in all.
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

func RunningRelease(object interface{ Get(string) any }) any {
	return object.Get("deploy").(acctest.Attributes)["release"]
}
