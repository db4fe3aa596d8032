// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// waitTimeout limits every wait. A passing test never reaches the limit.
const waitTimeout = 5 * time.Minute

// waitFor polls until done returns true.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

// releases holds the releases on the Cloud Storage of a grid.
type releases struct {
	t     *testing.T
	store *storage.Store
	port  int // port of the served page
	pages map[string]string
	sums  map[string]string
}

func newReleases(b *exampleRun, port int) *releases {
	b.t.Helper()
	login := b.grid.StorageLogin(b.t)
	store := storage.New(storage.Config{
		Protocol: storage.SFTP, Host: login.Host, Port: login.Port, HostKey: login.HostKey, Username: login.Username, Password: login.Password,
	}, storage.Options{})
	b.t.Cleanup(func() { _ = store.Close() })
	return &releases{t: b.t, store: store, port: port, pages: map[string]string{}, sums: map[string]string{}}
}

// page returns the page of a release.
func (r *releases) page(release string) string { return r.pages[release] }

// put uploads a release whose page consists of many equal lines, so that a test
// can detect a partial page or a mix of two pages.
func (r *releases) put(release, line string) {
	r.t.Helper()
	r.pages[release] = strings.Repeat(line, 20_000)
	archive := zipped(r.t, map[string]string{
		"bootstrap.json": `{
"version": 1,
"release": "` + release + `",
"os": "linux",
"steps": [
{"install":{"from":"app","to":"/srv/site/app"},"on_error":"stop","when":"on_change"},
{"install":{"from":"units","to":"/srv/site/units"},"on_error":"stop","when":"on_change"},
{"run":{"script":"scripts/start.sh","args":["a b"],"timeout_seconds":86400},"on_error":"stop","when":"every_boot"},
{"service":{"name":"site","action":"start"},"on_error":"stop","when":"every_boot"}
],
"files": [
]
}
`,
		"app/index.html":     r.pages[release],
		"units/site.service": fmt.Sprintf("[Service]\nExecStart=httpd -f -p %d -h /srv/site/app\n", r.port),
		"scripts/start.sh":   "echo \"$GOGRID_RELEASE $1\" >/srv/started\ncp /srv/site/units/site.service /etc/systemd/system/ && systemctl enable site\n",
	})
	sum := sha256.Sum256(archive)
	r.sums[release] = hex.EncodeToString(sum[:])
	r.upload("releases/"+release+".zip", archive)
}

// setPointer uploads a pointer to a release.
func (r *releases) setPointer(at, release string) {
	r.t.Helper()
	r.upload(at, []byte(startup.Pointer{Release: release, Archive: "releases/" + release + ".zip", SHA256: r.sums[release]}.Encode()))
}

func (r *releases) upload(at string, content []byte) {
	r.t.Helper()
	if _, err := r.store.Put(r.t.Context(), at, storage.Bytes(content)); err != nil {
		r.t.Fatal(err)
	}
}

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for name, content := range files {
		entry, err := w.Create(name)
		if err == nil {
			_, err = entry.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// watcher requests a page continuously. Each response must be the complete old
// page or the complete new page, and no response with the old page may follow a
// response with the new page. A restarting server may refuse or break
// connections.
type watcher struct {
	t       *testing.T
	page    string
	old     string
	next    string
	client  *http.Client
	running sync.WaitGroup

	mu   sync.Mutex
	seen string
}

func readAll(b *exampleRun, page, old, next string) *watcher {
	b.t.Helper()
	w := &watcher{t: b.t, page: page, old: old, next: next, client: &http.Client{Transport: &http.Transport{}}}
	ctx, stop := context.WithCancel(b.t.Context())
	w.running.Go(func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			w.read(ctx)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
	b.t.Cleanup(func() {
		stop()
		w.running.Wait()
	})
	return w
}

func (w *watcher) read(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.page, nil)
	if err != nil {
		w.t.Error(err)
		return
	}
	answer, err := w.client.Do(request)
	if err != nil {
		return // the server is down
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return // the server restarted during the response
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case answer.StatusCode != http.StatusOK:
		w.t.Errorf("the server answers %s", answer.Status)
	case string(text) == w.next:
	case string(text) != w.old:
		w.t.Errorf("the server served %d bytes that are neither the old nor the new page", len(text))
	case w.seen == w.next:
		w.t.Error("the server served the old release after the new release")
	}
	w.seen = string(text)
}

// awaitNewPage waits until the server serves the new page.
func (w *watcher) awaitNewPage() {
	w.t.Helper()
	waitFor(w.t, "the new release at "+w.page, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.seen == w.next
	})
}
