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
	// Dir is the folder of all disks. It is made if it is missing.
	Dir string
	// SSHPort is the port that guests answer SSH on; 0 means 2222.
	SSHPort int
	// DiskLimit is the number of bytes that the files of one guest may have; 0
	// means 2 GiB.
	DiskLimit int64
	// Storage is the Cloud Storage of the grid's accounts; nil where there is
	// none.
	Storage *CloudStorage
	// Clock is the grid's.
	Clock Clock
	// Log gets what goes wrong without anybody waiting for it; nil drops it.
	Log *slog.Logger
	// Halted is called when a guest has switched itself off; nil: nobody asks.
	Halted func(server int64)
}

// Host is where all guests of a grid run. Follow, Remove, Save and RemoveImage
// only queue what is to be done, and one worker does it in their order, so they
// may be called under a lock.
type Host struct {
	options Options
	log     *slog.Logger
	ctx     context.Context
	stop    context.CancelFunc
	worker  sync.WaitGroup

	queueMu sync.Mutex
	queue   []func(context.Context)
	wake    chan struct{}

	leaseMu sync.Mutex // held while a lease is looked for and taken

	mu     sync.Mutex // guards all below
	guests map[int64]*guest
}

// Open begins with the disks that are there. ctx bounds the life of all guests.
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
		return nil, fmt.Errorf("making the folder of the guests: %w", err)
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

// partial ends the name of a folder that is being made.
const partial = ".partial"

// removePartial removes what a killed process has left half made.
func removePartial(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "*"+partial))
	for _, path := range left {
		err = errors.Join(err, disk.Remove(path))
	}
	return err
}

// Close ends everything that runs in guests. Their disks stay.
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

// Follow makes a guest what its server is: there, up or down, booted as often.
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

// Remove ends a guest and deletes its disk.
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

// Save makes a server's disk, as it is when the job's turn comes, the disk of
// an image. One that has been saved stays as it is. A server that is gone from
// the grid, but whose disk is still there, can be saved too: a killed grid may
// not have come to it.
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

// RemoveImage deletes the disk of an image.
func (h *Host) RemoveImage(image int64) {
	h.enqueue("delete the image", image, func(context.Context) error { return disk.Remove(h.imageDir(image)) })
}

// HasImage tells whether an image has a disk, or will have one when what is
// queued now is done.
func (h *Host) HasImage(image int64) bool {
	_, err := os.Stat(h.imageDir(image))
	return err == nil
}

// WaitReady waits until everything that was queued before is done, and guests
// whose boot is over answer.
func (h *Host) WaitReady(ctx context.Context) error {
	done := make(chan []*guest, 1)
	h.enqueue("settle", 0, func(context.Context) error {
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

// Used is the number of bytes on a server's disk; 0 where it has none.
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

// guestAt is the guest that has an address, as a guest of an account sees it: each
// account has a private network of its own. nil when none has it.
func (h *Host) guestAt(account int64, ip netip.Addr) *guest {
	for _, g := range h.all() {
		s := g.server()
		if s.PublicIP == ip || s.Account == account && (s.PrivateIP == ip || g.device.privateAddress() == ip) {
			return g
		}
	}
	return nil
}

// guest is a server's guest; a new one gets a copy of its image's disk.
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

// install copies the image's disk.
func (h *Host) install(ctx context.Context, s Server, dir string) error {
	image := h.imageDir(s.Image)
	if _, err := os.Stat(image); errors.Is(err, os.ErrNotExist) {
		if !s.Base {
			return fmt.Errorf("image %d has no disk", s.Image)
		}
		if err := makeBase(image, s, h.options.DiskLimit); err != nil {
			return fmt.Errorf("making the disk of image %d: %w", s.Image, err)
		}
	}
	source, err := openTree(image, h.options.DiskLimit)
	if err != nil {
		return err
	}
	source.device.Installed = false
	return errors.Join(source.copyTo(ctx, dir), source.disk.Close())
}

// Prune deletes the disks of all servers and images but those that there are:
// a killed grid may have left some.
func (h *Host) Prune(servers, images []int64) {
	keep := map[string]bool{}
	for _, id := range servers {
		keep[h.serverDir(id)] = true
	}
	for _, id := range images {
		keep[h.imageDir(id)] = true
	}
	h.enqueue("delete disks that nobody has", 0, func(context.Context) error {
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
