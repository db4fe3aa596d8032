// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import "errors"

// state is the state of one address in a [Pool]. The pool stores no entry for a
// free address. Whether the grid lists an address as assigned is not part of the
// state: a claim checks that separately.
type state uint8

const (
	// free: the pool may choose the address for any claim that fits.
	free state = iota + 1
	// setAside: only a claim that names the address gets it. Either the grid
	// rejected the address, or the address belonged to a deleted server and
	// another Terraform state may still hold it.
	setAside
	// held: the address belongs to an object that did not get it from this pool,
	// for example to a resource in the Terraform state.
	held
	// claimed: this pool gave the address to a claim.
	claimed
	// freeingFree: a deletion is about to free the address, and the address
	// returns to the pool even if the deletion fails. Claims of an address in
	// any of the freeing states wait until the deletion ends.
	freeingFree
	// freeingSetAside: like freeingFree, but the address is set aside if the
	// deletion fails.
	freeingSetAside
	// freeingHeld: like freeingFree, but the address is held if the deletion fails.
	freeingHeld
	// freeingClaimed: like freeingFree, but the address is claimed if the deletion
	// fails.
	freeingClaimed

	stateCount = iota + 1
)

// freeing reports whether a deletion is about to free the address.
func (s state) freeing() bool { return s >= freeingFree }

// occupied reports whether the address has a holder.
func (s state) occupied() bool {
	return s == held || s == claimed || s == freeingHeld || s == freeingClaimed
}

// event is a [Pool] method call that affects one address.
type event uint8

const (
	// claimAny: a claim names no address, and the pool considers this one.
	claimAny event = iota
	// claimExact: a claim names the address.
	claimExact
	// hold: see [Pool.Hold].
	hold
	// adopt: see [Pool.Adopt].
	adopt
	// refuse: see [Pool.Refuse].
	refuse
	// vacate: see [Pool.Vacate].
	vacate
	// release: see [Pool.Release].
	release
	// forget: see [Pool.Forget].
	forget
	// beginFreeing: a deletion that frees the address begins. See [Pool.Freeing].
	beginFreeing
	// endFreed: the deletion succeeded.
	endFreed
	// endKept: the deletion failed.
	endKept

	eventCount
)

// The reasons why an event is not possible in a state.
var (
	errOccupied     = errors.New("the address has a holder")
	errSetAside     = errors.New("the address is set aside for claims that name it")
	errBeingFreed   = errors.New("a deletion is about to free the address")
	errNoTransition = errors.New("the transition table has no entry for this state and event")
)

// transition is the effect of an event: the next state, or the reason why the
// event is not possible.
type transition struct {
	next state
	err  error
}

func to(next state) transition { return transition{next: next} }

func deny(err error) transition { return transition{err: err} }

// transitions holds the effect of every event in every state.
//
// Two deletions of the same address may overlap. The first deletion to end also
// ends the freeing state, so the second deletion may end in any state.
var transitions = [eventCount][stateCount]transition{
	claimAny: {
		free: to(claimed), setAside: deny(errSetAside), held: deny(errOccupied), claimed: deny(errOccupied),
		freeingFree: deny(errBeingFreed), freeingSetAside: deny(errBeingFreed), freeingHeld: deny(errBeingFreed), freeingClaimed: deny(errBeingFreed),
	},
	claimExact: {
		free: to(claimed), setAside: to(claimed), held: deny(errOccupied), claimed: deny(errOccupied),
		freeingFree: deny(errBeingFreed), freeingSetAside: deny(errBeingFreed), freeingHeld: deny(errBeingFreed), freeingClaimed: deny(errBeingFreed),
	},
	hold: { // a claimed address stays claimed: only the name of its holder changes
		free: to(held), setAside: to(held), held: to(held), claimed: to(claimed),
		freeingFree: to(freeingHeld), freeingSetAside: to(freeingHeld), freeingHeld: to(freeingHeld), freeingClaimed: to(freeingClaimed),
	},
	adopt: {
		free: to(held), setAside: to(held), held: deny(errOccupied), claimed: deny(errOccupied),
		freeingFree: to(freeingHeld), freeingSetAside: to(freeingHeld), freeingHeld: deny(errOccupied), freeingClaimed: deny(errOccupied),
	},
	refuse: {
		free: to(setAside), setAside: to(setAside), held: to(setAside), claimed: to(setAside),
		freeingFree: to(freeingSetAside), freeingSetAside: to(freeingSetAside), freeingHeld: to(freeingSetAside), freeingClaimed: to(freeingSetAside),
	},
	vacate: { // an address with a holder stays unchanged: the pool never chooses it
		free: to(setAside), setAside: to(setAside), held: to(held), claimed: to(claimed),
		freeingFree: to(freeingSetAside), freeingSetAside: to(freeingSetAside), freeingHeld: to(freeingHeld), freeingClaimed: to(freeingClaimed),
	},
	release: {
		free: to(free), setAside: to(free), held: to(free), claimed: to(free),
		freeingFree: to(freeingFree), freeingSetAside: to(freeingFree), freeingHeld: to(freeingFree), freeingClaimed: to(freeingFree),
	},
	forget: {
		free: to(free), setAside: to(free), held: to(free), claimed: deny(errOccupied),
		freeingFree: to(freeingFree), freeingSetAside: to(freeingFree), freeingHeld: to(freeingFree), freeingClaimed: deny(errOccupied),
	},
	beginFreeing: {
		free: to(freeingFree), setAside: to(freeingSetAside), held: to(freeingHeld), claimed: to(freeingClaimed),
		freeingFree: to(freeingFree), freeingSetAside: to(freeingSetAside), freeingHeld: to(freeingHeld), freeingClaimed: to(freeingClaimed),
	},
	endFreed: {
		free: to(free), setAside: to(free), held: to(free), claimed: to(free),
		freeingFree: to(free), freeingSetAside: to(free), freeingHeld: to(free), freeingClaimed: to(free),
	},
	endKept: {
		free: to(free), setAside: to(setAside), held: to(held), claimed: to(claimed),
		freeingFree: to(free), freeingSetAside: to(setAside), freeingHeld: to(held), freeingClaimed: to(claimed),
	},
}

// on returns the state after an event. The error is one of the reasons above if
// the event is not possible.
func (s state) on(e event) (state, error) {
	found := transitions[e][s]
	if found.err == nil && found.next == 0 {
		return 0, errNoTransition
	}
	return found.next, found.err
}
