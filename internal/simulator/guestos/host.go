// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

const (
	defaultSSHPort   = 2222
	defaultDiskLimit = 2 << 30
)

// Options configure a Host.
type Options struct {
	// Dir is the folder of all disks. It is created if missing.
	Dir string
	// SSHPort is the SSH port of all guests; 0 means 2222.
	SSHPort int
	// DiskLimit is the maximum total size of a guest's files, in bytes; 0 means
	// 2 GiB.
	DiskLimit int64
	// Storage is the Cloud Storage of the grid's accounts; nil if the grid has
	// no Cloud Storage.
	Storage *CloudStorage
	// Clock is the grid's clock.
	Clock Clock
	// Log receives errors that cannot be returned to a caller; nil discards
	// them.
	Log *slog.Logger
	// Halted is called after a guest has switched itself off. Halted may be nil.
	Halted func(server int64)
}

// Host runs all guests of a grid. Follow, Remove, Save, RemoveImage and Prune
// only queue a job, so the caller may hold a lock. One worker runs the jobs in
// order.
type Host struct {
	options Options
	log     *slog.Logger
	ctx     context.Context
	stop    context.CancelFunc
	worker  sync.WaitGroup

	queueMu sync.Mutex
	queue   []func(context.Context)
	wake    chan struct{}

	leaseMu sync.Mutex // held while a guest requests and applies a lease

	mu     sync.Mutex // guards the fields below
	guests map[int64]*guest
}

// Open starts a host on the existing disks. All guests end with ctx.
func Open(ctx context.Context, options Options) (*Host, error) {
	if options.SSHPort == 0 {
		options.SSHPort = defaultSSHPort
	}
	if options.DiskLimit == 0 {
		options.DiskLimit = defaultDiskLimit
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Halted == nil {
		options.Halted = func(int64) {}
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the folder of the guests: %w", err)
	}
	if err := removePartial(options.Dir); err != nil {
		return nil, err
	}
	h := &Host{
		options: options, log: options.Log, wake: make(chan struct{}, 1),
		guests: map[int64]*guest{},
	}
	h.ctx, h.stop = context.WithCancel(ctx)
	h.worker.Go(h.work)
	return h, nil
}

// partial is the suffix of a disk that is not complete yet.
const partial = ".partial"

// removePartial removes the incomplete disks that a killed process left.
func removePartial(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "*"+partial))
	for _, path := range left {
		err = errors.Join(err, disk.Remove(path))
	}
	return err
}

// Close shuts down all guests. It keeps their disks.
func (h *Host) Close() error {
	h.stop()
	h.worker.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	for _, g := range h.guests {
		err = errors.Join(err, g.close())
	}
	return err
}

// Follow queues a job that creates the guest of a server if necessary, and boots
// or shuts down the guest to match the state of the server.
func (h *Host) Follow(s Server) {
	h.enqueue("follow the server", s.ID, func(ctx context.Context) error {
		g, err := h.guest(ctx, s)
		if err != nil {
			return err
		}
		g.follow(ctx, s)
		return nil
	})
}

// Remove queues a job that shuts down a guest and deletes its disk.
func (h *Host) Remove(server int64) {
	h.enqueue("delete the server", server, func(context.Context) error {
		g := h.detach(server)
		var err error
		if g != nil {
			err = g.close()
		}
		return errors.Join(err, disk.Remove(h.serverDir(server)))
	})
}

// Save queues a job that copies the disk of a server to an image. The job does
// nothing if the image already has a disk. It also saves the disk of a server
// that the grid has already deleted: if the grid was killed before the copy, the
// image is still without a disk.
func (h *Host) Save(server, image int64) {
	h.enqueue("save the server", server, func(ctx context.Context) error {
		if h.HasImage(image) {
			return nil
		}
		if g := h.lookup(server); g != nil {
			return g.copyTo(ctx, h.imageDir(image))
		}
		left, err := openTree(h.serverDir(server), h.options.DiskLimit)
		if err != nil {
			return fmt.Errorf("server %d has no disk: %w", server, err)
		}
		return errors.Join(left.copyTo(ctx, h.imageDir(image)), left.disk.Close())
	})
}

// RemoveImage queues a job that deletes the disk of an image.
func (h *Host) RemoveImage(image int64) {
	h.enqueue("delete the image", image, func(context.Context) error { return disk.Remove(h.imageDir(image)) })
}

// HasImage reports whether an image has a complete disk at this moment,
// regardless of queued jobs.
func (h *Host) HasImage(image int64) bool {
	_, err := os.Stat(h.imageDir(image))
	return err == nil
}

// WaitReady waits until all jobs queued so far are done, and all guests whose
// boot is due accept connections.
func (h *Host) WaitReady(ctx context.Context) error {
	done := make(chan []*guest, 1)
	h.enqueue("list the guests", 0, func(context.Context) error {
		done <- h.all()
		return nil
	})
	var all []*guest
	select {
	case all = <-done:
	case <-ctx.Done():
		return ctx.Err()
	case <-h.ctx.Done():
		return h.ctx.Err()
	}
	for _, g := range all {
		if err := g.awaitBoot(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Used returns the number of bytes in all files of a server, or 0 if the server
// has no guest.
func (h *Host) Used(server int64) int64 {
	if g := h.lookup(server); g != nil {
		return g.disk.Used()
	}
	return 0
}

func (h *Host) serverDir(id int64) string { return h.dir("server", id) }
func (h *Host) imageDir(id int64) string  { return h.dir("image", id) }

func (h *Host) dir(kind string, id int64) string {
	return filepath.Join(h.options.Dir, kind+"-"+strconv.FormatInt(id, 10))
}

func (h *Host) lookup(server int64) *guest {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.guests[server]
}

func (h *Host) detach(server int64) *guest {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.guests[server]
	delete(h.guests, server)
	return g
}

func (h *Host) all() []*guest {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*guest
	for _, id := range slices.Sorted(maps.Keys(h.guests)) {
		all = append(all, h.guests[id])
	}
	return all
}

// guestAt returns the guest that guests of an account reach at an address, or
// nil. Public addresses are reachable from all accounts, but each account has its
// own private network.
func (h *Host) guestAt(account int64, ip netip.Addr) *guest {
	for _, g := range h.all() {
		s := g.server()
		if s.PublicIP == ip || s.Account == account && (s.PrivateIP == ip || g.device.privateAddress() == ip) {
			return g
		}
	}
	return nil
}

// guest returns the guest of a server. A new guest gets a copy of the image's
// disk.
func (h *Host) guest(ctx context.Context, s Server) (*guest, error) {
	if g := h.lookup(s.ID); g != nil {
		return g, nil
	}
	dir := h.serverDir(s.ID)
	fresh := false
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := h.install(ctx, s, dir); err != nil {
			return nil, err
		}
		fresh = true
	}
	g, err := openGuest(h, s, dir)
	if err != nil {
		return nil, err
	}
	if fresh || !g.device.Installed {
		if err := g.firstBoot(s); err != nil {
			return nil, errors.Join(err, g.close())
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.guests[s.ID] = g
	return g, nil
}

// install copies the image's disk to a server. When a base image is first used,
// install creates its disk.
func (h *Host) install(ctx context.Context, s Server, dir string) error {
	image := h.imageDir(s.Image)
	if _, err := os.Stat(image); errors.Is(err, os.ErrNotExist) {
		if !s.Base {
			return fmt.Errorf("image %d has no disk", s.Image)
		}
		if err := makeBase(image, s, h.options.DiskLimit); err != nil {
			return fmt.Errorf("create the disk of image %d: %w", s.Image, err)
		}
	}
	source, err := openTree(image, h.options.DiskLimit)
	if err != nil {
		return err
	}
	source.device.Installed = false
	return errors.Join(source.copyTo(ctx, dir), source.disk.Close())
}

// Prune queues a job that deletes the disks of all servers and images that are
// not listed. A killed grid may have left such disks.
func (h *Host) Prune(servers, images []int64) {
	keep := map[string]bool{}
	for _, id := range servers {
		keep[h.serverDir(id)] = true
	}
	for _, id := range images {
		keep[h.imageDir(id)] = true
	}
	h.enqueue("delete unused disks", 0, func(context.Context) error {
		var failed []error
		for _, kind := range []string{"server-*", "image-*"} {
			found, err := filepath.Glob(filepath.Join(h.options.Dir, kind))
			failed = append(failed, err)
			for _, dir := range found {
				if !keep[dir] {
					failed = append(failed, disk.Remove(dir))
				}
			}
		}
		return errors.Join(failed...)
	})
}
