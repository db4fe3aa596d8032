// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/claim"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// DefaultSSHPort is the port on which guests answer SSH, unless the options set
// another port or another program uses the default.
const DefaultSSHPort = 2222

// sshPorts is the number of ports that a grid tries, beginning with the default.
const sshPorts = 100

// GuestPlace holds the SSH port of a grid's guests, and names the grid that has
// the default addresses.
type GuestPlace struct {
	// SSHPort is the port on which guests answer SSH; 0 if servers do not boot.
	SSHPort int
	// Moved is true if another program has the default addresses or the default
	// port.
	Moved bool
	// Holder is the other grid that has the default addresses; nil if no other
	// grid has them.
	Holder *claim.Holder
}

// place holds the loopback addresses and claims that a grid has chosen.
type place struct {
	GuestPlace
	first  int // the first range of public blocks
	claims []*claim.Claim
}

// GuestPlace returns the SSH port of the guests, and whether the grid has the
// default addresses and port.
func (g *Grid) GuestPlace() GuestPlace { return g.place.GuestPlace }

// PublicBlocks returns the public blocks of all accounts.
func (g *Grid) PublicBlocks() (blocks []netip.Prefix) {
	g.step(func(moment) {
		for _, id := range g.accountIDs() {
			for _, b := range g.accounts[id].Blocks {
				if b.Public {
					blocks = append(blocks, b.prefix())
				}
			}
		}
	})
	return blocks
}

// openPlace chooses the loopback addresses and the SSH port of a new grid, and
// claims the addresses of a stored grid.
func (g *Grid) openPlace() error {
	stored, err := store.LoadMeta(g.store, "range", &g.place.first)
	if err != nil {
		return err
	}
	var old []accountRecord
	if err := store.Each(g.store, store.Accounts, func(r *accountRecord) { old = append(old, *r) }); err != nil {
		return err
	}
	if wanted := g.options.Guests; wanted != nil {
		g.place.SSHPort = cmp.Or(wanted.SSHPort, DefaultSSHPort)
		if wanted.OwnAddresses {
			err = g.claimPlace(old, stored || len(old) > 0)
		}
	}
	g.store.Put(store.Meta, "range", g.place.first)
	return err
}

func (g *Grid) claimPlace(old []accountRecord, fixed bool) error {
	dir := g.options.Guests.claims
	if dir == "" {
		var err error
		if dir, err = claim.Dir(); err != nil {
			return err
		}
	}
	ranges := []int{g.place.first}
	if !fixed {
		ranges = upTo(0, rangeCount)
	}
	ports := []int{g.place.SSHPort}
	if g.options.Guests.SSHPort == 0 {
		ports = upTo(DefaultSSHPort, DefaultSSHPort+sshPorts)
	}
	return g.choosePlace(dir, old, ranges, ports)
}

// upTo returns the integers from first to end-1.
func upTo(first, end int) []int {
	numbers := make([]int, 0, end-first)
	for n := first; n < end; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// choosePlace claims the first range that is unclaimed and in which the first
// port is free. If there is none, it tries the next port. The first range and
// the first port are the defaults.
func (g *Grid) choosePlace(dir string, old []accountRecord, ranges, ports []int) error {
	var usual, last error // errors of the default place and of the last place
	for _, port := range ports {
		for _, first := range ranges {
			err := g.claimAt(dir, old, first, port)
			if err == nil {
				g.place.record(first, port, usual)
				return nil
			}
			if !isTaken(err) {
				return errors.Join(usual, err)
			}
			usual, last = cmp.Or(usual, err), err
		}
	}
	if len(ranges) > 1 {
		last = fmt.Errorf("no range of loopback addresses is free: %w", last)
	}
	return explainTaken(last)
}

// record records the chosen place. usual is the error of the default place; nil if
// the default place was chosen.
func (p *place) record(first, port int, usual error) {
	p.first, p.SSHPort, p.Moved = first, port, usual != nil
	var held *claim.HeldError
	if errors.As(usual, &held) {
		p.Holder = &held.Holder
	}
}

// claimAt claims the networks of all public blocks, and checks that the port is
// free at the first address of each block.
func (g *Grid) claimAt(dir string, old []accountRecord, first, port int) (err error) {
	blocks, err := g.publicBlocksAt(old, first)
	if err != nil {
		return err
	}
	var claims []*claim.Claim
	defer func() {
		if err != nil {
			err = errors.Join(err, release(claims))
			return
		}
		g.place.claims = claims
	}()
	for _, network := range networksOf(blocks) {
		c, err := claim.Take(dir, network.String(), claim.Holder{PID: os.Getpid(), State: store.Absolute(g.options.State)})
		if err != nil {
			return err
		}
		claims = append(claims, c)
	}
	for _, b := range blocks {
		if err := g.tryPort(b.Network+2, port); err != nil {
			return err
		}
	}
	return nil
}

// publicBlocksAt returns the public blocks of the stored accounts, and the
// blocks that the accounts of new keys get if public blocks begin at the range
// first.
func (g *Grid) publicBlocksAt(old []accountRecord, first int) ([]block, error) {
	var blocks []block
	known := make(map[int64]bool)
	size := 0
	for _, a := range old {
		known[a.ID] = true
		for _, b := range a.Blocks {
			if b.Public {
				blocks = append(blocks, b)
				size = b.Size
			}
		}
	}
	size = cmp.Or(g.options.PublicBlockSize, size, defaultBlockSize)
	for _, key := range g.keys {
		if known[key.Account] {
			continue
		}
		for datacenter := 1; datacenter <= datacenterCount; datacenter++ {
			start, err := network(true, datacenter, len(known), size, first)
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, block{Datacenter: datacenter, Public: true, Network: start, Size: size})
		}
		known[key.Account] = true
	}
	return blocks, nil
}

// networksOf returns the /16 networks that contain the blocks. The grid claims
// each network separately.
func networksOf(blocks []block) []address {
	var networks []address
	for _, b := range blocks {
		network := b.Network &^ (largestBlockSize - 1)
		if !slices.Contains(networks, network) {
			networks = append(networks, network)
		}
	}
	slices.Sort(networks)
	return networks
}

// errPortTaken reports that another program listens on the port at an address
// of guests.
var errPortTaken = errors.New("another program listens there")

// tryPort returns errPortTaken if another program listens on the port. It
// returns no error if the machine lacks the address, because the guest reports
// this later.
func (g *Grid) tryPort(ip address, port int) error {
	at := net.JoinHostPort(ip.String(), strconv.Itoa(port))
	var config net.ListenConfig
	listener, err := config.Listen(g.ctx, "tcp", at)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: %w", at, errPortTaken)
	}
	if err == nil {
		return listener.Close()
	}
	return nil
}

func isTaken(err error) bool {
	var held *claim.HeldError
	return errors.As(err, &held) || errors.Is(err, errPortTaken)
}

// explainTaken adds the next step to an error about taken addresses or a taken
// port.
func explainTaken(err error) error {
	var held *claim.HeldError
	if errors.As(err, &held) {
		return fmt.Errorf("%w, which this grid needs for its guests: stop that grid or use another state file", err)
	}
	return fmt.Errorf("guests cannot answer SSH: %w; stop that program or choose another port for guests", err)
}

func release(claims []*claim.Claim) error {
	var err error
	for _, c := range claims {
		err = errors.Join(err, c.Release())
	}
	return err
}
