// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

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

// deployRig is a grid whose servers load their releases from a share when they
// boot, and answer with what they run.
type deployRig struct {
	t     *testing.T
	grid  *acctest.Grid
	share *storagetest.Server
	url   string

	mu    sync.Mutex
	boots int
	// broken are releases that do not install, sick such that do not answer.
	broken, sick map[string]bool
}

func newDeployRig(t *testing.T) *deployRig {
	t.Helper()
	r := &deployRig{t: t, grid: acctest.NewQuickGrid(t), share: storagetest.Start(t), broken: map[string]bool{}, sick: map[string]bool{}}
	web := httptest.NewServer(http.HandlerFunc(r.answer))
	t.Cleanup(web.Close)
	r.url = web.URL
	r.follow("grid.server.add")
	r.follow("grid.server.power")
	r.release("v1", "")
	return r
}

// follow has the servers that a call made or started boot.
func (r *deployRig) follow(method string) {
	r.grid.After(method, func() {
		r.boot()
		r.follow(method)
	})
}

// boot boots the servers whose turn it is.
func (r *deployRig) boot() {
	pins, err := filepath.Glob(filepath.Join(r.share.Dir, "servers", "*.json"))
	if err != nil {
		r.t.Error(err)
	}
	for _, at := range pins {
		name := strings.TrimSuffix(filepath.Base(at), ".json")
		if pin := r.pin(name); pin["turn"] != nil && pin["turn_status"] == r.told(name)["started"] {
			r.tell(name, fmt.Sprint(pin["release"]))
		}
	}
}

// tell is what a server does that boots to load a release.
func (r *deployRig) tell(name, wanted string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.boots++
	release, result, problem := wanted, "ok", ""
	if r.broken[wanted] {
		release, result, problem = fmt.Sprint(r.told(name)["release"]), "failed", "a step of the release "+wanted+" failed"
	}
	r.put(startup.StatusFile(name), fmt.Sprintf("{\"server\": %q, \"release\": %q, \"wanted\": %q, \"result\": %q, \"problem\": %q,\n"+
		"\"since\": \"2026-11-25T10:00:00Z\", \"started\": \"2026-11-25T10:00:%02dZ\", \"time\": \"2026-11-25T10:01:00Z\", \"steps\": [{\"number\": 1, \"kind\": \"run\", \"result\": %q}]}\n",
		name, release, wanted, result, problem, r.boots, result))
}

// put puts a file on the share in one step, as it is read all along.
func (r *deployRig) put(at, content string) {
	at = filepath.Join(r.share.Dir, filepath.FromSlash(at))
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
func (r *deployRig) file(at string) map[string]any {
	found := map[string]any{}
	text, err := os.ReadFile(filepath.Join(r.share.Dir, filepath.FromSlash(at)))
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err != nil && !os.IsNotExist(err) {
		r.t.Errorf("%s: %v", at, err)
	}
	return found
}

func (r *deployRig) pin(name string) map[string]any { return r.file(startup.ServerFile(name)) }

// pinned pins a server to another release.
func (r *deployRig) pinned(name, release string, more acctest.Attributes) {
	pin := acctest.Attributes(r.pin(name)).With(acctest.Attributes{"release": release, "archive": "releases/" + release + ".zip", "sha256": digestOf(release)}).With(more)
	text, err := json.MarshalIndent(pin, "", "  ")
	if err != nil {
		r.t.Error(err)
	}
	r.put(startup.ServerFile(name), string(text))
}

func (r *deployRig) told(name string) map[string]any { return r.file(startup.StatusFile(name)) }

// answer is what the servers serve.
func (r *deployRig) answer(w http.ResponseWriter, req *http.Request) {
	release := fmt.Sprint(r.told(path.Base(req.URL.Path))["release"])
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sick[release] {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintf(w, "this is release %s", release)
}

// release puts a release on the share and has the channel name it.
func (r *deployRig) release(name, before string) {
	pointer := func(name string) startup.Pointer {
		if name == "" {
			return startup.Pointer{}
		}
		return startup.Pointer{Release: name, Archive: "releases/" + name + ".zip", SHA256: digestOf(name)}
	}
	r.put(webChannel, pointer(name).After(pointer(before)).Encode())
}

// deploys are the attributes of a server that is to run a release.
func (r *deployRig) deploys(release string, changes ...acctest.Attributes) acctest.Attributes {
	block := acctest.Attributes{"channel": "web", "release": release, "health": acctest.Attributes{"http": r.url + "/{name}", "body": "release {release}", "timeout": "10h"}}
	for _, change := range changes {
		block = block.With(change)
	}
	return acctest.Attributes{"deploy": block, "timeouts": acctest.Attributes{"update": "20h", "create": "20h"}}
}

// impatient is a health block that waits for nothing.
func (r *deployRig) impatient() acctest.Attributes {
	return acctest.Attributes{"health": acctest.Attributes{"http": r.url + "/{name}", "timeout": "1ns"}}
}

func (r *deployRig) manage() *acctest.Managed {
	return r.grid.Manage(r.t, "gogrid_server", cloudStorage(r.share), acctest.Attributes{"deployment": "shop"})
}

func (r *deployRig) session() *acctest.Session {
	return r.grid.Session(r.t, cloudStorage(r.share), acctest.Attributes{"deployment": "shop"})
}

// wantRuns tells what a server runs and is pinned to, and how often servers
// were restarted in all.
func (r *deployRig) wantRuns(name, release string, restarts int) {
	r.t.Helper()
	pin := r.pin(name)
	if r.told(name)["release"] != release || pin["release"] != release || pin["turn"] != nil {
		r.t.Errorf("%s runs %v and has the pin %v, want %s", name, r.told(name)["release"], pin, release)
	}
	if got := r.grid.Jobs("RestartVirtualServer"); got != restarts {
		r.t.Errorf("there were %d restarts, want %d", got, restarts)
	}
}

func runs(object interface{ Get(string) any }) any {
	return object.Get("deploy").(acctest.Attributes)["release"]
}
