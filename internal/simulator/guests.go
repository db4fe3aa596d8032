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

// GuestOptions let the servers of a grid boot: each has a disk, answers SSH
// and SFTP on its public address, and runs what starts with it.
type GuestOptions struct {
	// Dir is the folder of all disks. It belongs to the state file as the disks
	// belong to the servers; "" means the state file's path with ".guests", or a
	// temporary folder for a grid in memory.
	Dir string
	// SSHPort is the port that guests answer SSH on; 0 means [DefaultSSHPort].
	SSHPort int
	// OwnAddresses claims the addresses of the public blocks while the grid is open, so that no other grid with OwnAddresses can
	// use them. A new grid chooses public blocks that no such grid has claimed, and a free port if SSHPort is 0: see
	// [Grid.GuestPlace]. Without OwnAddresses, public blocks begin at 127.20.0.0, and each grid needs its own SSHPort.
	OwnAddresses bool
	// claims is the folder of the claims on addresses; "" means the user's.
	claims string
	// DiskLimit is how many bytes the files of one server may have; 0 means 2 GiB.
	DiskLimit int64
	// SaveLimit is how many bytes a server may have for its save to succeed. 0
	// means 50 GiB: the real service could not save more than 50 GB.
	SaveLimit int64
}

const defaultSaveLimit = 50 << 30

// guestWorld is a grid's guests and what the grid has told them.
type guestWorld struct {
	*guestos.Host
	saveLimit int64
	sent      map[int64]guestos.Server
	wakeup    chan struct{}
	stopped   chan struct{}
}

// openGuests begins with the guests before the grid reads its records.
func (g *Grid) openGuests() error {
	asked := g.options.Guests
	if asked == nil {
		return nil
	}
	w := &guestWorld{sent: map[int64]guestos.Server{}, saveLimit: asked.SaveLimit, wakeup: make(chan struct{}, 1), stopped: make(chan struct{})}
	if w.saveLimit == 0 {
		w.saveLimit = defaultSaveLimit
	}
	var err error
	w.Host, err = guestos.Open(g.life, guestos.Options{
		Dir: g.folder, Storage: g.storage, SSHPort: g.place.SSHPort, DiskLimit: asked.DiskLimit, Clock: guestClock{g}, Log: g.log, Halted: g.guestHalted,
	})
	if err != nil {
		return err
	}
	g.guests = w
	return nil
}

// startGuests tells the guests what the records say, and keeps the grid's time
// passing for them.
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

// closeGuests ends all guests.
func (g *Grid) closeGuests() error {
	if g.guests == nil {
		return nil
	}
	<-g.guests.stopped // the grid's life is over
	return g.guests.Close()
}

// driveGuests lets what is due happen when nobody calls: a server boots by itself.
func (g *Grid) driveGuests() {
	defer close(g.guests.stopped)
	for g.life.Err() == nil {
		var next <-chan time.Time
		if wait, due := g.untilDue(); due {
			next = g.host.After(wait)
		}
		select {
		case <-next:
			g.step(func(moment) {})
			if err := g.store.Sync(); err != nil && !errors.Is(err, store.ErrClosed) {
				g.log.Error("what happened by itself was not stored", "error", err)
			}
		case <-g.guests.wakeup:
		case <-g.life.Done():
		}
	}
}

// untilDue is the time of the host until the next thing happens by itself.
func (g *Grid) untilDue() (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.due) == 0 || g.clock.record.isManual() {
		return 0, false
	}
	wait := g.due[0].at.sub(g.clock.now())
	return max(time.Duration(float64(wait)/g.clock.record.Speed)+time.Millisecond, 0), true
}

// wakeDriver tells the driver that something else may be due first.
func (g *Grid) wakeDriver() {
	if g.guests == nil {
		return
	}
	select {
	case g.guests.wakeup <- struct{}{}:
	default: // it will look anyway
	}
}

// updateGuest tells a guest what has become of its server. Saying the same twice
// is left out.
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

// isUp tells whether a server's guest runs: not while the server is switched
// off, restarted, deleted, or saved as a sandbox.
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

// runsWhileSaved tells whether a server runs on while and after it is saved.
func (g *Grid) runsWhileSaved() bool { return g.options.Era == EraDirect || g.options.SandboxStaysOn }

// countBoot counts a boot that begins now.
func (s *server) countBoot(at moment) {
	s.Boots++
	s.Booted = at
}

// answersAt is when the network of a server answers after its last boot.
func (g *Grid) answersAt(s *server) moment {
	r := draw(g.seed, drawBoot, s.ID<<16+int64(s.Boots))
	return s.Booted.add(vary(r, g.options.Timings.GuestBoot, g.options.Jitter))
}

// removeGuest deletes the disk of a server that is gone.
func (g *Grid) removeGuest(s *server) {
	if g.guests != nil {
		delete(g.guests.sent, s.ID)
		g.guests.Remove(s.ID)
	}
}

// saveDisk makes the server's disk that of the image, once the job has begun.
func (g *Grid) saveDisk(i *image, at moment) {
	if g.guests == nil || i.DiskOf == 0 || i.Operation != nil && (i.Operation.Kind == opSave && (i.Operation.Fails || i.Operation.Starts > at)) {
		return
	}
	// A server that was deleted since has left its disk, if the grid was killed
	// before its turn came.
	if s, found := g.accounts[i.Account].servers.get(i.DiskOf); found {
		g.updateGuest(s, at)
	}
	g.guests.Save(i.DiskOf, i.ID)
}

// removeDisk deletes the disk of an image that never came to be.
func (g *Grid) removeDisk(i *image) {
	if g.guests != nil {
		g.guests.RemoveImage(i.ID)
	}
}

// tooLarge tells whether a server has more on its disk than can be saved.
func (g *Grid) tooLarge(s *server) bool {
	return g.guests != nil && g.guests.Used(s.ID) > g.guests.saveLimit
}

// guestHalted makes a server Off whose guest has switched itself off. While a job is
// under way that decides.
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
		g.log.Error("that a server was switched off from within was not stored", "error", err)
	}
}

// Guests shows the guests of the grid; none where they are turned off. GET
// /admin/guests answers the same as JSON.
func (g *Grid) Guests() []guestos.GuestInfo {
	if g.guests == nil {
		return []guestos.GuestInfo{}
	}
	return g.guests.Inspect()
}

// AwaitGuests waits until the guests have done what is due now.
func (g *Grid) AwaitGuests(ctx context.Context) error {
	if g.guests == nil {
		return nil
	}
	g.step(func(moment) {})
	if err := g.guests.WaitReady(ctx); err != nil {
		return fmt.Errorf("waiting for the guests: %w", err)
	}
	return nil
}

// guestClock is the grid's time for its guests.
type guestClock struct{ g *Grid }

func (c guestClock) Now() time.Time {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return c.g.clock.now().time()
}

// Until waits on the grid's clock, however it is moved.
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
