// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// rig is a grid with a finder for the deployment "shop".
type rig struct {
	*acctest.Grid

	t      *testing.T
	client *client.Client
	known  *leftovers.Known
	finder *leftovers.Finder
	used   int // number of public addresses that servers of the rig use
}

func newRig(t *testing.T, settings ...client.Setting) *rig {
	t.Helper()
	grid := acctest.NewGrid(t)
	settings = append([]client.Setting{client.WithEndpoint(grid.Endpoint), client.WithPollInterval(10 * time.Millisecond), client.WithSnapshotWindow(0)}, settings...)
	c, err := client.New(grid.Key.APIKey, grid.Key.SharedSecret, settings...)
	if err != nil {
		t.Fatal(err)
	}
	known := &leftovers.Known{}
	return &rig{
		Grid: grid, t: t, client: c, known: known,
		finder: &leftovers.Finder{Client: c, Deployment: "shop", Accounted: known},
	}
}

// add requests a server or sandbox whose tag has the given key. With the key
// "-" the server has no tag.
func (r *rig) add(name, deployment, key string, sandbox bool) client.ServerAdd {
	r.t.Helper()
	add := client.ServerAdd{
		Name: name, Image: "centos6.2_64_base", RAM: "512MB", Sandbox: sandbox, Description: "the " + name,
		IP: r.Address(r.t, true, "US-West-1", r.used),
	}
	r.used++
	if sandbox {
		add.RAM = ""
	}
	if key != "-" {
		add.Description = ownership.Tag{Deployment: deployment, Key: key}.Describe(add.Description)
	}
	if _, err := r.client.Servers.Add(r.t.Context(), add); err != nil {
		r.t.Fatal(err)
	}
	return add
}

// made calls add, waits until the server exists, and returns it.
func (r *rig) made(name, deployment, key string, sandbox bool) client.Server {
	r.t.Helper()
	add := r.add(name, deployment, key, sandbox)
	server, err := r.client.Watch.Server(r.t.Context(), client.ServerWait{Operation: client.OperationCreateServer, Name: name, Address: add.IP})
	if err != nil {
		r.t.Fatal(err)
	}
	return *server
}

// saved saves a sandbox as an image with the tag and waits until it is available.
func (r *rig) saved(sandbox client.Server, name, tag string) client.Image {
	r.t.Helper()
	image, err := r.client.Images.Save(r.t.Context(), client.ImageSave{ServerID: sandbox.ID, FriendlyName: name, Description: tag})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.client.Watch.Image(r.t.Context(), client.ImageWait{Operation: client.OperationSaveImage, ID: image.ID}); err != nil {
		r.t.Fatal(err)
	}
	return *image
}

func (r *rig) find() []leftovers.Finding {
	r.t.Helper()
	findings, err := r.finder.Find(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return findings
}

// sweep removes findings, and returns a map from the name of each finding to
// the result of its removal.
func (r *rig) sweep(findings []leftovers.Finding) (map[string]error, error) {
	r.t.Helper()
	outcomes := map[string]error{}
	err := r.finder.Sweep(r.t.Context(), findings, func(found leftovers.Finding, err error) { outcomes[found.String()] = err })
	if len(outcomes) != len(findings) {
		r.t.Errorf("%d of %d findings were reported: %v", len(outcomes), len(findings), outcomes)
	}
	return outcomes, err
}

func (r *rig) wantServers(names ...string) {
	r.t.Helper()
	var found []string
	for _, server := range r.Inspect().Servers {
		found = append(found, server.Name)
	}
	slices.Sort(found)
	if !slices.Equal(found, names) {
		r.t.Errorf("servers on the grid: %v, want %v", found, names)
	}
}

// names returns the names of findings.
func names(findings []leftovers.Finding) []string {
	var all []string
	for _, found := range findings {
		all = append(all, found.String())
	}
	return all
}

// files is a [leftovers.Share] in memory.
type files struct {
	mu      sync.Mutex
	content map[string]string
	failing string // path of a file whose removal fails
}

var _ leftovers.Share = (*files)(nil)

func (f *files) Read(_ context.Context, at string, _ int64) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, found := f.content[at]
	if !found {
		return nil, fmt.Errorf("%s: %w", at, fs.ErrNotExist)
	}
	return bytes.Clone([]byte(content)), nil
}

func (f *files) List(_ context.Context, prefix string) ([]storage.Object, error) {
	return f.list(prefix, false)
}

func (f *files) Unfinished(_ context.Context, prefix string) ([]storage.Object, error) {
	return f.list(prefix, true)
}

func (f *files) list(prefix string, parts bool) ([]storage.Object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var objects []storage.Object
	for at := range f.content {
		if strings.HasPrefix(at, prefix) && (storage.PartOf(at) != at) == parts {
			objects = append(objects, storage.Object{Path: at})
		}
	}
	return objects, nil
}

func (f *files) Remove(_ context.Context, at string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at == f.failing {
		return storage.ErrBusy
	}
	delete(f.content, at)
	return nil
}

func (f *files) paths() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.content))
}
