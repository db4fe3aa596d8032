// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// rig simulates a share and servers that boot from it and answer over HTTP.
type rig struct {
	t *testing.T
	*Deployer
	health Health

	mu            sync.Mutex
	files         map[string]string
	shareErr      error // returned by all operations of the share
	emptyListings bool  // makes listings return nothing
	// onRead is called before a file is read.
	onRead func(at string)
	boots  map[string]int
	// broken says how a release fails on a server: "install" fails the
	// installation, "health" fails the health check, "silent" does not write a
	// status file.
	broken map[string]string
	// unhealthy holds the servers that fail their health check.
	unhealthy map[string]bool
	// restarts lists the restarted servers in order. restarting counts the
	// restarts that are in progress, and mostRestarting is the highest value of
	// restarting. onRestart is called at the beginning of each restart.
	restarts       []string
	restarting     int
	mostRestarting int
	onRestart      func(name string)
	// restartErr is returned by the next restart.
	restartErr error
}

func newRig(t *testing.T, servers ...string) *rig {
	t.Helper()
	r := &rig{t: t, files: map[string]string{}, boots: map[string]int{}, broken: map[string]string{}, unhealthy: map[string]bool{}, onRestart: func(string) {}, onRead: func(string) {}}
	web := httptest.NewServer(http.HandlerFunc(r.answer))
	t.Cleanup(web.Close)
	r.health = Health{URL: web.URL + "/{name}", Body: "release {release}", Timeout: time.Hour}
	r.Deployer = &Deployer{
		Share: r, Owner: "shop", Clock: clockwork.NewRealClock(), Interval: time.Millisecond, Gates: &Gates{},
		LastRestart: r.lastRestart,
		IsOn:        func(_ context.Context, name, _ string) (bool, error) { return !strings.HasPrefix(name, "gone"), nil },
	}
	r.channel("v1", "")
	for _, name := range servers {
		r.must(r.Announce(t.Context(), name, r.spec("v1")))
		r.boot(name)
		r.must(r.Converge(t.Context(), r.server(name), r.spec("v1"), r.restarter(name)))
	}
	r.restarts = nil
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) server(name string) Server {
	return Server{name, "192.0.2." + fmt.Sprint(len(name)), "10.0.0.1"}
}

func (r *rig) spec(release string) Spec {
	return Spec{Channel: "web", Release: release, Group: "web", Limit: 1, Health: r.health}
}

// channel writes the channel with its current and previous release.
func (r *rig) channel(release, before string) {
	archive := func(release string) startup.Pointer {
		if release == "" {
			return startup.Pointer{}
		}
		return startup.Pointer{Release: release, Archive: "releases/" + release + ".zip", SHA256: strings.Repeat("0a", 32)}
	}
	r.write(startup.ChannelFile("web"), archive(release).After(archive(before)).Encode())
}

// Read, Put, Remove and List implement Share.
func (r *rig) Read(_ context.Context, at string, _ int64) ([]byte, error) {
	r.onRead(at)
	r.mu.Lock()
	defer r.mu.Unlock()
	text, ok := r.files[at]
	switch {
	case r.shareErr != nil:
		return nil, r.shareErr
	case !ok:
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

func (r *rig) Put(_ context.Context, at string, upload storage.Upload) (storage.Object, error) {
	file, err := upload.Open()
	if err != nil {
		return storage.Object{}, err
	}
	content, err := io.ReadAll(file)
	if r.shareErr != nil {
		return storage.Object{}, r.shareErr
	}
	r.write(at, string(content))
	return storage.Object{}, err
}

func (r *rig) Remove(_ context.Context, at string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.files, at)
	return r.shareErr
}

func (r *rig) List(_ context.Context, prefix string) ([]storage.Object, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []storage.Object
	for at := range r.files {
		if strings.HasPrefix(at, prefix) && !r.emptyListings {
			found = append(found, storage.Object{Path: at})
		}
	}
	return found, r.shareErr
}

func (r *rig) write(at, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[at] = text
}

func (r *rig) file(at string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files[at]
}

// pin returns the pin of a server, or the zero pin if servers cannot read it.
func (r *rig) pin(name string) pin {
	found, _ := decodePin(r.file(startup.ServerFile(name)))
	return found
}

// reported returns the status that a server has written, or the zero status if
// there is none.
func (r *rig) reported(name string) startup.Status {
	found, _ := startup.DecodeStatus(r.file(startup.StatusFile(name)))
	return found
}

// boot simulates the startup script of a server.
func (r *rig) boot(name string) {
	before := r.reported(name)
	wanted := r.pin(name).Release
	if wanted == "" {
		channel, _ := startup.DecodePointer(r.file(startup.ChannelFile("web"))) // zero value if there is no channel
		wanted = channel.Release
	}
	r.mu.Lock()
	r.boots[name]++
	started := fmt.Sprintf("boot %d", r.boots[name])
	broken := r.broken[wanted]
	r.mu.Unlock()
	release, result := wanted, "ok"
	switch broken {
	case "silent":
		return
	case "install":
		release, result = before.Release, "failed"
	}
	r.write(startup.StatusFile(name), fmt.Sprintf(`{"server": %q, "release": %q, "wanted": %q, "result": %q, "problem": "a step failed", "started": %q}`, name, release, wanted, result, started))
}

// answer serves the web page of a server.
func (r *rig) answer(w http.ResponseWriter, req *http.Request) {
	name, release, asked := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	status := r.reported(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if asked && release != status.Release {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.unhealthy[name] || r.broken[status.Release] == "health" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintf(w, "release %s", status.Release)
}

// setBroken sets how a release fails on servers (see broken).
func (r *rig) setBroken(release, how string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken[release] = how
}

// setUnhealthy sets whether a server fails its health check.
func (r *rig) setUnhealthy(name string, sick bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unhealthy[name] = sick
}

// lastRestart returns the number of a server's newest restart, in place of the
// id of a job.
func (r *rig) lastRestart(_ context.Context, name, _ string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := ""
	for i, restarted := range r.restarts {
		if restarted == name {
			last = fmt.Sprint(i + 1)
		}
	}
	return last, nil
}

// restarter returns the function that restarts a server.
func (r *rig) restarter(name string) Restart {
	return func(ctx context.Context, last string) error { return r.restart(ctx, name, last) }
}

func (r *rig) restart(ctx context.Context, name, last string) error {
	if known, err := r.lastRestart(ctx, name, ""); err != nil || known != last {
		r.t.Errorf("the newest restart of %s was passed as %q, but is %q (%v)", name, last, known, err)
	}
	r.mu.Lock()
	restartErr := r.restartErr
	r.restartErr = nil
	if restartErr == nil {
		r.restarts = append(r.restarts, name)
	}
	r.restarting++
	r.mostRestarting = max(r.mostRestarting, r.restarting)
	onRestart := r.onRestart
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.restarting--
	}()
	onRestart(name)
	if restartErr != nil || ctx.Err() != nil {
		return errors.Join(restartErr, ctx.Err())
	}
	r.boot(name)
	return nil
}

// deploy updates a server in the same way as the provider does.
func (r *rig) deploy(ctx context.Context, name string, spec Spec) error {
	leave, err := r.Enter(ctx, r.server(name), spec)
	if err != nil {
		return err
	}
	err = r.Converge(ctx, r.server(name), spec, r.restarter(name))
	leave(err)
	return err
}

// deployAll deploys to servers concurrently.
func (r *rig) deployAll(spec Spec, names ...string) map[string]error {
	var (
		mu     sync.Mutex
		group  sync.WaitGroup
		errors = map[string]error{}
	)
	for _, name := range names {
		group.Go(func() {
			err := r.deploy(r.t.Context(), name, spec)
			mu.Lock()
			defer mu.Unlock()
			errors[name] = err
		})
	}
	group.Wait()
	return errors
}
