// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// GuestOptions make the servers of a grid boot. Each server has a disk, answers
// SSH and SFTP on its public address, and runs its services and startup scripts.
type GuestOptions struct {
	// Dir is the folder of all disks. It must be kept together with the state file.
	// "" means the path of the state file with ".guests" appended, or a temporary
	// folder for a grid in memory.
	Dir string
	// SSHPort is the port on which guests answer SSH; 0 means [DefaultSSHPort].
	SSHPort int
	// OwnAddresses claims the addresses of the public blocks while the grid is open, so that no other grid with OwnAddresses can
	// use them. A new grid chooses public blocks that no such grid has claimed, and a free port if SSHPort is 0: see
	// [Grid.GuestPlace]. Without OwnAddresses, public blocks begin at 127.20.0.0, and each grid needs its own SSHPort.
	OwnAddresses bool
	// claims is the folder of the claims on addresses; "" means the default folder
	// of the current user.
	claims string
	// DiskLimit is the maximum size of a server's files in bytes; 0 means 2 GiB.
	DiskLimit int64
	// SaveLimit is the maximum size, in bytes, of a disk that can be saved as an
	// image. The save of a larger disk fails. 0 means 50 GiB: the real service
	// could not save more than 50 GB.
	SaveLimit int64
}

const defaultSaveLimit = 50 << 30

// guestWorld holds the guests of a grid.
type guestWorld struct {
	*guestos.Host
	saveLimit int64
	sent      map[int64]guestos.Server // last state sent to each guest, by server id
	wakeup    chan struct{}            // makes driveGuests check the schedule again
	stopped   chan struct{}            // closed when driveGuests has returned
}

// openGuests opens the guests if the options request them. It runs before the
// grid reads its records.
func (g *Grid) openGuests() error {
	wanted := g.options.Guests
	if wanted == nil {
		return nil
	}
	w := &guestWorld{sent: map[int64]guestos.Server{}, saveLimit: wanted.SaveLimit, wakeup: make(chan struct{}, 1), stopped: make(chan struct{})}
	if w.saveLimit == 0 {
		w.saveLimit = defaultSaveLimit
	}
	var err error
	w.Host, err = guestos.Open(g.ctx, guestos.Options{
		Dir: g.folder, Storage: g.storage, SSHPort: g.place.SSHPort, DiskLimit: wanted.DiskLimit, Clock: guestClock{g}, Log: g.log, Halted: g.guestHalted,
	})
	if err != nil {
		return err
	}
	g.guests = w
	return nil
}

// startGuests sends the state of all servers to the guests, and starts the
// goroutine that applies due events.
func (g *Grid) startGuests() {
	if g.guests == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var servers, images []int64
	now := g.clock.now()
	for _, id := range g.accountIDs() {
		for _, s := range g.accounts[id].servers.items {
			servers = append(servers, s.ID)
			g.updateGuest(s, now)
		}
	}
	for _, i := range g.images.items {
		if i.State == imageDeleted {
			continue
		}
		images = append(images, i.ID)
		if i.DiskOf != 0 && !g.guests.HasImage(i.ID) {
			g.saveDisk(i, now)
		}
	}
	g.guests.Prune(servers, images)
	go g.driveGuests()
}

// closeGuests ends all guests. The caller must cancel the grid's context first.
func (g *Grid) closeGuests() error {
	if g.guests == nil {
		return nil
	}
	<-g.guests.stopped
	return g.guests.Close()
}

// driveGuests applies due events even if no client makes a call. Servers
// therefore boot without further calls.
func (g *Grid) driveGuests() {
	defer close(g.guests.stopped)
	for g.ctx.Err() == nil {
		var next <-chan time.Time
		if wait, due := g.untilDue(); due {
			next = g.host.After(wait)
		}
		select {
		case <-next:
			g.step(func(moment) {})
			if err := g.store.Sync(); err != nil && !errors.Is(err, store.ErrClosed) {
				g.log.Error("storing the due events failed", "error", err)
			}
		case <-g.guests.wakeup:
		case <-g.ctx.Done():
		}
	}
}

// untilDue returns the host time until the next event, and reports whether there
// is an event that the clock reaches by itself.
func (g *Grid) untilDue() (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.due) == 0 || g.clock.record.isManual() {
		return 0, false
	}
	wait := g.due[0].at.sub(g.clock.now())
	return max(time.Duration(float64(wait)/g.clock.record.Speed)+time.Millisecond, 0), true
}

// wakeDriver makes driveGuests check the schedule again, because the next event
// may have changed.
func (g *Grid) wakeDriver() {
	if g.guests == nil {
		return
	}
	select {
	case g.guests.wakeup <- struct{}{}:
	default: // a check is pending already
	}
}

// updateGuest sends the state of a server to its guest, unless the guest already
// has the same state.
func (g *Grid) updateGuest(s *server, at moment) {
	if g.guests == nil || s.pending() {
		return
	}
	image, found := g.images.get(s.Image)
	if !found {
		return
	}
	system := g.catalog.os.byID(image.OS).name
	wanted := guestos.Server{
		ID: s.ID, Account: s.Account, Name: s.Name, Image: s.Image, Base: image.Account == goGridAccount, OS: system, Family: guestos.Linux,
		PublicIP: netip.MustParseAddr(s.PublicIP.String()), Gateway: netip.MustParseAddr((g.accounts[s.Account].blockOf(s.PublicIP).Network + 1).String()),
		Password: s.Password, HostKeySeed: g.hostKeySeed(drawHostKey, s.ID), StorageGateway: g.storageGateway(s),
		Up: g.isUp(s, at), Boots: s.Boots, Reachable: g.answersAt(s).time(),
	}
	if s.PrivateIP != 0 {
		wanted.PrivateIP = netip.MustParseAddr(s.PrivateIP.String())
	}
	if strings.HasPrefix(system, "Windows") {
		wanted.Family = guestos.Windows
	}
	if g.guests.sent[s.ID] == wanted {
		return
	}
	g.guests.sent[s.ID] = wanted
	g.guests.Follow(wanted)
}

// isUp reports whether a server's guest runs at a moment. The guest does not
// run while the server is off, stops, restarts, is halted by a deletion, or is
// a sandbox that is being saved.
func (g *Grid) isUp(s *server, at moment) bool {
	if !s.On || s.pending() {
		return false
	}
	if !s.Operation.running(at) || s.Operation.Fails {
		return true
	}
	switch s.Operation.Kind {
	case opStop, opRestart:
		return false
	case opDelete:
		return !s.Operation.halted(at)
	case opSave:
		return g.runsWhileSaved()
	}
	return true
}

// runsWhileSaved reports whether a server keeps running during and after a save.
func (g *Grid) runsWhileSaved() bool { return g.options.Era == EraDirect || g.options.SandboxStaysOn }

// countBoot increments the number of boots. at is the moment at which the new
// boot begins.
func (s *server) countBoot(at moment) {
	s.Boots++
	s.Booted = at
}

// answersAt returns the moment at which the network of a server begins to answer
// after its last boot.
func (g *Grid) answersAt(s *server) moment {
	r := draw(g.seed, drawBoot, s.ID<<16+int64(s.Boots))
	return s.Booted.add(vary(r, g.options.Timings.GuestBoot, g.options.Jitter))
}

// removeGuest removes the guest and the disk of a deleted server.
func (g *Grid) removeGuest(s *server) {
	if g.guests != nil {
		delete(g.guests.sent, s.ID)
		g.guests.Remove(s.ID)
	}
}

// saveDisk copies the server's disk to the image if the save job has begun and
// does not fail.
func (g *Grid) saveDisk(i *image, at moment) {
	if g.guests == nil || i.DiskOf == 0 || i.Operation != nil && (i.Operation.Kind == opSave && (i.Operation.Fails || i.Operation.Starts > at)) {
		return
	}
	// The server may be deleted already. If the grid was killed before it copied
	// the disk, the disk still exists.
	if s, found := g.accounts[i.Account].servers.get(i.DiskOf); found {
		g.updateGuest(s, at)
	}
	g.guests.Save(i.DiskOf, i.ID)
}

// removeDisk deletes the disk of an image whose save failed.
func (g *Grid) removeDisk(i *image) {
	if g.guests != nil {
		g.guests.RemoveImage(i.ID)
	}
}

// tooLarge reports whether a server's disk exceeds saveLimit.
func (g *Grid) tooLarge(s *server) bool {
	return g.guests != nil && g.guests.Used(s.ID) > g.guests.saveLimit
}

// guestHalted turns a server Off because its guest has shut down. It does
// nothing while the server has an unfinished operation, because the end of the
// operation sets the power state.
func (g *Grid) guestHalted(id int64) {
	g.step(func(moment) {
		for _, a := range g.accounts {
			if s, found := a.servers.get(id); found && s.Operation == nil && s.On {
				s.On = false
				g.saveServer(s)
			}
		}
	})
	if err := g.store.Sync(); err != nil {
		g.log.Error("storing the power state after the shutdown of a guest failed", "error", err)
	}
}

// Guests describes the guests of the grid. The list is empty if servers do not
// boot. GET /admin/guests returns the same data as JSON.
func (g *Grid) Guests() []guestos.GuestInfo {
	if g.guests == nil {
		return []guestos.GuestInfo{}
	}
	return g.guests.Inspect()
}

// AwaitGuests applies all due events, and waits until the guests have caught up
// or ctx ends.
func (g *Grid) AwaitGuests(ctx context.Context) error {
	if g.guests == nil {
		return nil
	}
	g.step(func(moment) {})
	if err := g.guests.WaitReady(ctx); err != nil {
		return fmt.Errorf("wait for the guests: %w", err)
	}
	return nil
}

// guestClock is the grid's clock for guests.
type guestClock struct{ g *Grid }

func (c guestClock) Now() time.Time {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return c.g.clock.now().time()
}

// Until waits until the grid's clock reaches a time, even if the clock is
// moved. It returns the error of ctx if ctx ends first.
func (c guestClock) Until(ctx context.Context, until time.Time) error {
	defer c.g.trackSleep(until)()
	for {
		c.g.mu.Lock()
		left, moved, record := until.Sub(c.g.clock.now().time()), c.g.moved, c.g.clock.record
		c.g.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		var passed <-chan time.Time
		if !record.isManual() {
			passed = c.g.host.After(time.Duration(float64(left)/record.Speed) + time.Microsecond)
		}
		select {
		case <-passed:
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
