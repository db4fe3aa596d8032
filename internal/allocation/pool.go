// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package allocation hands out the addresses of an account so that no two
// objects of one process get the same address.
//
// GoGrid has no call that reserves an address: an address becomes assigned when a
// server is added with it. Two creates that read the same list would pick the
// same address. A [Pool] prevents that within one process, and [Leases] prevent
// it for private addresses across processes.
package allocation

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Inventory lists the addresses of the account.
type Inventory interface {
	// IPs returns all addresses and whether each of them is assigned. The answer
	// may be cached.
	IPs(ctx context.Context) ([]client.IP, error)
	// RefreshIPs makes the next call of IPs query the grid.
	RefreshIPs()
}

// Pool hands out each address at most once. The zero value is not usable: call
// [New]. A Pool is safe for concurrent use.
type Pool struct {
	inventory Inventory

	mu        sync.Mutex
	addresses map[string]entry // every address that is not free
	changed   chan struct{}    // closed and replaced whenever an address may have become free
}

// entry describes an address that is not free.
type entry struct {
	state  state
	holder string        // empty unless the state is occupied
	freed  chan struct{} // closed when the deletion ends; valid in freeing states
}

// New returns a Pool over the addresses of an inventory.
func New(inventory Inventory) *Pool {
	return &Pool{inventory: inventory, addresses: map[string]entry{}, changed: make(chan struct{})}
}

// Request describes the address that a claim needs.
type Request struct {
	// Public selects the account's public blocks instead of its private ones.
	Public bool
	// Address is the required address. If it is empty, the pool chooses one.
	Address string
	// Datacenter restricts the choice to one datacenter, by id or name. Empty
	// allows all of them.
	Datacenter string
	// Range restricts the choice to a prefix. The zero value allows all addresses.
	Range netip.Prefix
	// Holder names the object that needs the address. A later claim of the same
	// address gets a [TakenError] with this name.
	Holder string
}

// Claim returns the requested address, or the lowest free address that fits. If
// no such address is free but a deletion by this process is about to free one,
// Claim waits for the deletion to end. If ctx ends first, Claim returns the
// error of its last attempt.
//
// Errors: *UnknownAddressError, *WrongKindError, *OutsideError, *ReservedError,
// *TakenError, *ExhaustedError, or the error of the inventory.
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

// try makes one attempt to claim an address from a list. If it returns an error
// and a channel, the caller may try again once the channel is closed.
func (p *Pool) try(ips []client.IP, request Request) (client.IP, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if request.Address != "" {
		return p.exact(ips, request)
	}
	return p.lowest(ips, request)
}

// exact must be called with mu held.
func (p *Pool) exact(ips []client.IP, request Request) (client.IP, <-chan struct{}, error) {
	ip, err := Find(ips, request)
	if err != nil {
		return client.IP{}, nil, err
	}
	current := p.entry(ip.Address)
	switch _, err := current.state.on(claimExact); {
	case errors.Is(err, errBeingFreed):
		return client.IP{}, current.freed, &TakenError{Address: ip.Address, Holder: "a server that is being deleted"}
	case err != nil:
		return client.IP{}, nil, &TakenError{Address: ip.Address, Holder: current.holder}
	case ip.Assigned():
		return client.IP{}, nil, &TakenError{Address: ip.Address}
	}
	p.mustApply(ip.Address, claimExact, request.Holder)
	return ip, nil, nil
}

// lowest must be called with mu held.
func (p *Pool) lowest(ips []client.IP, request Request) (client.IP, <-chan struct{}, error) {
	var (
		best     client.IP
		bestAddr netip.Addr
		freeing  bool
		fitting  int
	)
	for _, ip := range ips {
		addr, ok := fits(ip, request)
		if !ok {
			continue
		}
		fitting++
		switch available, later := p.available(ip); {
		case later:
			freeing = true
		case available && (!bestAddr.IsValid() || addr.Less(bestAddr)):
			best, bestAddr = ip, addr
		}
	}
	if bestAddr.IsValid() {
		p.mustApply(best.Address, claimAny, request.Holder)
		return best, nil, nil
	}
	err := &ExhaustedError{Request: request, Addresses: fitting, Blocks: Blocks(ips, request.Public)}
	if freeing {
		return client.IP{}, p.changed, err
	}
	return client.IP{}, nil, err
}

// available reports whether the pool may choose an address now, and whether a
// deletion by this process is about to free it. It must be called with mu held.
func (p *Pool) available(ip client.IP) (available, freeing bool) {
	_, err := p.entry(ip.Address).state.on(claimAny)
	return err == nil && !ip.Assigned(), errors.Is(err, errBeingFreed)
}

// Free returns how many of the given addresses fit a request and are free. It
// also counts addresses that a deletion by this process is about to free.
func (p *Pool) Free(ips []client.IP, request Request) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := 0
	for _, ip := range ips {
		if _, ok := fits(ip, request); !ok {
			continue
		}
		if available, freeing := p.available(ip); available || freeing {
			count++
		}
	}
	return count
}

// Hold records that an address belongs to a holder, so that the pool does not
// hand it out even if the grid lists it as unassigned. A later Hold replaces the
// name of the holder.
func (p *Pool) Hold(address, holder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mustApply(address, hold, holder)
}

// Adopt is like [Pool.Hold], but fails if the address already has a holder. It
// reports whether it succeeded: if several callers adopt the same address,
// exactly one succeeds.
func (p *Pool) Adopt(address, holder string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.apply(address, adopt, holder) == nil
}

// Holder returns the name of the object that holds an address in this process,
// or "" if no object does.
func (p *Pool) Holder(address string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.entry(address).holder
}

// Refuse records that the grid rejected an address that the pool had chosen,
// because another process took the address after the pool had read its list.
// The pool does not choose the address again, and the next claim reads a fresh
// list.
func (p *Pool) Refuse(address string) {
	p.mu.Lock()
	p.mustApply(address, refuse, "")
	p.mu.Unlock()
	p.inventory.RefreshIPs()
}

// Vacate records that a server no longer needs a private address, which a
// gogrid_private_ip in another Terraform state may still hold: such a claim
// outlives its server. Until the address is released, the pool gives it only to
// a claim that names it.
func (p *Pool) Vacate(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mustApply(address, vacate, "")
}

// Release returns an address to the pool.
func (p *Pool) Release(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mustApply(address, release, "")
	p.wake()
}

// Forget returns an address to the pool, like [Pool.Release], unless the pool has
// given the address to a claim.
func (p *Pool) Forget(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.apply(address, forget, "") == nil {
		p.wake()
	}
}

// Freeing announces a deletion that frees an address. Claims that need the
// address wait until the caller calls done. The caller must call done exactly
// once, with true if the deletion freed the address.
func (p *Pool) Freeing(address string) (done func(freed bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mustApply(address, beginFreeing, "")
	signal := make(chan struct{})
	current := p.addresses[address]
	current.freed = signal
	p.addresses[address] = current
	return func(freed bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		end := endKept
		if freed {
			end = endFreed
		}
		p.mustApply(address, end, "")
		close(signal)
		p.wake()
	}
}

// AwaitFreed waits until no deletion by this process is about to free an
// address. The address may still be in use afterwards. If ctx ends first,
// AwaitFreed returns the error of ctx.
func (p *Pool) AwaitFreed(ctx context.Context, address string) error {
	for {
		p.mu.Lock()
		current := p.entry(address)
		p.mu.Unlock()
		if !current.state.freeing() {
			return nil
		}
		select {
		case <-current.freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// entry returns the entry of an address, even if the address is free. It must
// be called with mu held.
func (p *Pool) entry(address string) entry {
	if found, ok := p.addresses[address]; ok {
		return found
	}
	return entry{state: free}
}

// apply applies an event to an address. An event that assigns the address to a
// holder also records the holder's name. If the event is not possible, apply
// returns the reason and leaves the address unchanged. It must be called with
// mu held.
func (p *Pool) apply(address string, e event, holder string) error {
	current := p.entry(address)
	next, err := current.state.on(e)
	if err != nil {
		return err
	}
	switch {
	case next == free:
		delete(p.addresses, address)
		return nil
	case !next.occupied():
		current.holder = ""
	case e == hold || e == adopt || e == claimAny || e == claimExact:
		current.holder = holder
	}
	current.state = next
	p.addresses[address] = current
	return nil
}

// mustApply is like apply, but panics if the event is not possible.
func (p *Pool) mustApply(address string, e event, holder string) {
	if err := p.apply(address, e, holder); err != nil {
		panic("allocation: " + address + ": " + err.Error())
	}
}

// wake makes every waiting claim try again.
func (p *Pool) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}
