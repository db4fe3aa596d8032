// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package allocation hands out the addresses of an account so that no two
// objects made by one process get the same one.
//
// GoGrid has no call to reserve an address: one is taken the moment a server
// is added with it. Two creations that look at the same list therefore pick
// the same address unless somebody keeps count between the look and the add.
// A Pool is that somebody.
package allocation

import (
	"context"
	"net/netip"
	"sync"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Inventory tells which addresses the account has and which of them are in
// use. Refresh makes the next IPs call ask the grid again instead of
// answering from what was learned a moment ago.
type Inventory interface {
	IPs(ctx context.Context) ([]client.IP, error)
	RefreshIPs()
}

// Pool hands out addresses, each at most once. The zero value is not usable;
// make one with New. A Pool is safe for concurrent use.
type Pool struct {
	inventory Inventory

	mu      sync.Mutex
	claimed map[string]string        // address -> holder, handed out by this process or held
	given   map[string]struct{}      // those of them that this process handed out
	refused map[string]struct{}      // addresses the grid refused in this process
	vacated map[string]struct{}      // addresses that may still be kept for a server that is gone
	freeing map[string]chan struct{} // addresses a deletion of this process is about to free
	changed chan struct{}            // closed and renewed whenever an address may have become free
}

// New makes a Pool over the given inventory.
func New(inventory Inventory) *Pool {
	return &Pool{
		inventory: inventory,
		claimed:   map[string]string{},
		given:     map[string]struct{}{},
		refused:   map[string]struct{}{},
		vacated:   map[string]struct{}{},
		freeing:   map[string]chan struct{}{},
		changed:   make(chan struct{}),
	}
}

// Request says which address is wanted.
type Request struct {
	// Public chooses between the account's public and private blocks.
	Public bool
	// Address asks for this very address; empty lets the pool choose.
	Address string
	// Datacenter restricts the choice to one datacenter, by id or name;
	// empty allows all.
	Datacenter string
	// Range restricts the choice to a prefix; the zero value allows all.
	Range netip.Prefix
	// Holder names what the address is for; others are told when they ask
	// for the same one.
	Holder string
}

// Claim hands out the address that was asked for, or the lowest free one that
// fits. When nothing is free but a deletion of this process is about to free
// a fitting address, Claim waits for it until the context ends.
//
// Errors: *UnknownAddressError, *WrongKindError, *OutsideError, *TakenError,
// *ExhaustedError, or what the inventory answered.
func (p *Pool) Claim(ctx context.Context, request Request) (client.IP, error) {
	for {
		ips, err := p.inventory.IPs(ctx)
		if err != nil {
			return client.IP{}, err
		}
		ip, wait, err := p.try(ips, request)
		if err == nil || wait == nil {
			return ip, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return client.IP{}, err
		}
	}
}

// try makes one attempt on one list. A non-nil channel with an error means
// that trying again makes sense once the channel is closed.
func (p *Pool) try(ips []client.IP, request Request) (client.IP, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if request.Address != "" {
		return p.exact(ips, request)
	}
	return p.lowest(ips, request)
}

func (p *Pool) exact(ips []client.IP, request Request) (client.IP, <-chan struct{}, error) {
	ip, err := Find(ips, request)
	if err != nil {
		return client.IP{}, nil, err
	}
	if done, ok := p.freeing[ip.Address]; ok {
		return client.IP{}, done, &TakenError{Address: ip.Address, Holder: "a server that is being deleted"}
	}
	if holder, ok := p.claimed[ip.Address]; ok {
		return client.IP{}, nil, &TakenError{Address: ip.Address, Holder: holder}
	}
	if ip.Assigned() {
		return client.IP{}, nil, &TakenError{Address: ip.Address}
	}
	p.give(ip, request)
	return ip, nil, nil
}

func (p *Pool) lowest(ips []client.IP, request Request) (client.IP, <-chan struct{}, error) {
	var (
		best     client.IP
		bestAddr netip.Addr
		coming   bool
		fitting  int
	)
	for _, ip := range ips {
		addr, ok := fits(ip, request)
		if !ok {
			continue
		}
		fitting++
		if _, freeing := p.freeing[ip.Address]; freeing {
			coming = true
			continue
		}
		if !p.free(ip) {
			continue
		}
		if !bestAddr.IsValid() || addr.Less(bestAddr) {
			best, bestAddr = ip, addr
		}
	}
	if bestAddr.IsValid() {
		p.give(best, request)
		return best, nil, nil
	}
	err := &ExhaustedError{Request: request, Addresses: fitting, Blocks: Blocks(ips, request.Public)}
	if coming {
		return client.IP{}, p.changed, err
	}
	return client.IP{}, nil, err
}

func (p *Pool) give(ip client.IP, request Request) {
	p.claimed[ip.Address] = request.Holder
	p.given[ip.Address] = struct{}{}
}

func (p *Pool) free(ip client.IP) bool {
	if ip.Assigned() {
		return false
	}
	if _, ok := p.claimed[ip.Address]; ok {
		return false
	}
	if _, ok := p.vacated[ip.Address]; ok {
		return false
	}
	_, ok := p.refused[ip.Address]
	return !ok
}

// Free counts the addresses that a request could be given now. Addresses that
// this process has handed out do not count; those that a deletion of this
// process is freeing do.
func (p *Pool) Free(ips []client.IP, request Request) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	free := 0
	for _, ip := range ips {
		if _, ok := fits(ip, request); !ok {
			continue
		}
		if _, freeing := p.freeing[ip.Address]; freeing || p.free(ip) {
			free++
		}
	}
	return free
}

// Hold records that an address belongs to a holder although the grid may not
// show it as assigned, so that it is not handed out. A later Hold replaces
// the holder's name.
func (p *Pool) Hold(address, holder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claimed[address] = holder
}

// Adopt is Hold for an address that a server has already and nobody holds;
// false when somebody does. Of several that want it, one gets it.
func (p *Pool) Adopt(address, holder string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, held := p.claimed[address]; held {
		return false
	}
	p.claimed[address] = holder
	return true
}

// Holder tells who holds an address according to this process; empty when
// nobody does.
func (p *Pool) Holder(address string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.claimed[address]
}

// Refuse records that the grid would not give out an address: somebody else
// took it between the look and the add. It is not handed out again by this
// process, and the next claim looks at a fresh list.
func (p *Pool) Refuse(address string) {
	p.mu.Lock()
	p.refused[address] = struct{}{}
	delete(p.claimed, address)
	delete(p.given, address)
	p.mu.Unlock()
	p.inventory.RefreshIPs()
}

// Vacate records that a server gives an address up that may be kept for it by
// somebody whom this process does not know: a claim of the account's private
// addresses lives in a state, and outlives the server that has it. Such an
// address is handed out to those only who ask for it by itself, until it is
// released.
func (p *Pool) Vacate(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.vacated[address] = struct{}{}
}

// Release gives an address back that was claimed but is not used.
func (p *Pool) Release(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(address)
}

// Forget gives an address back that somebody outside this process kept and
// keeps no more. The pool may not have known of it and handed the address out
// meanwhile; then it stays with whom it was given to.
func (p *Pool) Forget(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, given := p.given[address]; !given {
		p.release(address)
	}
}

// Freeing announces that a deletion is about to free an address. Claims that
// need it wait until the returned function is called; call it once, with true
// when the address has become free.
func (p *Pool) Freeing(address string) (done func(freed bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	signal := make(chan struct{})
	p.freeing[address] = signal
	return func(freed bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.freeing, address)
		close(signal)
		if freed {
			p.release(address)
			return
		}
		p.wake()
	}
}

// AwaitFreed waits until no deletion of this process is about to free an
// address, or the context ends. The address may still be in use.
func (p *Pool) AwaitFreed(ctx context.Context, address string) error {
	for {
		p.mu.Lock()
		done, freeing := p.freeing[address]
		p.mu.Unlock()
		if !freeing {
			return nil
		}
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *Pool) release(address string) {
	delete(p.claimed, address)
	delete(p.given, address)
	delete(p.refused, address)
	delete(p.vacated, address)
	p.wake()
}

// wake makes every waiting claim look again.
func (p *Pool) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}
