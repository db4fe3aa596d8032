// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// wantedTransitions repeats the transition table in words, with one row for
// each event and one column for each state. A reason in brackets means that the
// event is not possible.
const wantedTransitions = `
event         free         setAside         held             claimed          freeingFree      freeingSetAside  freeingHeld      freeingClaimed
claimAny      claimed      (setAside)       (occupied)       (occupied)       (beingFreed)     (beingFreed)     (beingFreed)     (beingFreed)
claimExact    claimed      claimed          (occupied)       (occupied)       (beingFreed)     (beingFreed)     (beingFreed)     (beingFreed)
hold          held         held             held             claimed          freeingHeld      freeingHeld      freeingHeld      freeingClaimed
adopt         held         held             (occupied)       (occupied)       freeingHeld      freeingHeld      (occupied)       (occupied)
refuse        setAside     setAside         setAside         setAside         freeingSetAside  freeingSetAside  freeingSetAside  freeingSetAside
vacate        setAside     setAside         held             claimed          freeingSetAside  freeingSetAside  freeingHeld      freeingClaimed
release       free         free             free             free             freeingFree      freeingFree      freeingFree      freeingFree
forget        free         free             free             (occupied)       freeingFree      freeingFree      freeingFree      (occupied)
beginFreeing  freeingFree  freeingSetAside  freeingHeld      freeingClaimed   freeingFree      freeingSetAside  freeingHeld      freeingClaimed
endFreed      free         free             free             free             free             free             free             free
endKept       free         setAside         held             claimed          free             setAside         held             claimed
`

var (
	stateNames = map[string]state{
		"free": free, "setAside": setAside, "held": held, "claimed": claimed, "freeingFree": freeingFree,
		"freeingSetAside": freeingSetAside, "freeingHeld": freeingHeld, "freeingClaimed": freeingClaimed,
	}
	eventNames = map[string]event{
		"claimAny": claimAny, "claimExact": claimExact, "hold": hold, "adopt": adopt, "refuse": refuse, "vacate": vacate,
		"release": release, "forget": forget, "beginFreeing": beginFreeing, "endFreed": endFreed, "endKept": endKept,
	}
	reasons = map[string]error{"(setAside)": errSetAside, "(occupied)": errOccupied, "(beingFreed)": errBeingFreed}
)

// eachTransition calls visit for every combination of a state and an event,
// with the expected next state or the expected reason.
func eachTransition(t *testing.T, visit func(t *testing.T, from state, e event, next state, reason error)) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(wantedTransitions), "\n")
	columns := strings.Fields(lines[0])[1:]
	if len(columns) != stateCount-1 || len(lines)-1 != int(eventCount) {
		t.Fatalf("the wanted table has %d states and %d events, want %d and %d", len(columns), len(lines)-1, stateCount-1, eventCount)
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		for i, cell := range cells[1:] {
			t.Run(cells[0]+" when "+columns[i], func(t *testing.T) {
				next, isState := stateNames[cell]
				reason, isReason := reasons[cell]
				if !isState && !isReason {
					t.Fatalf("%q is neither a state nor a reason", cell)
				}
				visit(t, stateNames[columns[i]], eventNames[cells[0]], next, reason)
			})
		}
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	eachTransition(t, func(t *testing.T, from state, e event, next state, reason error) {
		got, err := from.on(e)
		if got != next || !errors.Is(err, reason) {
			t.Errorf("got state %d and error %v, want state %d and error %v", got, err, next, reason)
		}
	})
	if _, err := state(0).on(hold); !errors.Is(err, errNoTransition) {
		t.Errorf("an invalid state: got %v, want %v", err, errNoTransition)
	}
}

const testAddress = "10.0.0.5"

// oneAddress is an inventory that lists testAddress as unassigned.
type oneAddress struct{}

func (oneAddress) IPs(context.Context) ([]client.IP, error) {
	return []client.IP{{
		ID: 1, Address: testAddress, Subnet: "10.0.0.0/255.255.255.0", State: client.Option{ID: 1, Name: client.IPUnassigned},
		Datacenter: client.Option{ID: 1, Name: "US-West-1"},
	}}, nil
}

func (oneAddress) RefreshIPs() {}

// poolIn returns a pool whose testAddress is in a state, reached through the
// exported methods. The holder, if any, is "first". done ends a deletion of the
// address. In a freeing state that deletion is still under way; in any other
// state, an overlapping deletion has already ended.
func poolIn(t *testing.T, from state) (pool *Pool, done func(bool)) {
	t.Helper()
	pool = New(oneAddress{})
	switch from {
	case setAside, freeingSetAside:
		pool.Vacate(testAddress)
	case held, freeingHeld:
		pool.Hold(testAddress, "first")
	case claimed, freeingClaimed:
		if _, err := pool.Claim(t.Context(), Request{Holder: "first"}); err != nil {
			t.Fatal(err)
		}
	}
	first, second := pool.Freeing(testAddress), pool.Freeing(testAddress)
	if !from.freeing() {
		first(false)
	}
	if got := pool.entry(testAddress).state; got != from {
		t.Fatalf("prepared state %d, want %d", got, from)
	}
	return pool, second
}

// call triggers an event by calling the corresponding method of a pool. It
// reports whether the pool refused the call.
func call(t *testing.T, pool *Pool, done func(bool), e event) (refused bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // a claim that has to wait returns at once
	switch e {
	case claimAny:
		_, err := pool.Claim(ctx, Request{Holder: "second"})
		return err != nil
	case claimExact:
		_, err := pool.Claim(ctx, Request{Address: testAddress, Holder: "second"})
		return err != nil
	case hold:
		pool.Hold(testAddress, "second")
	case adopt:
		return !pool.Adopt(testAddress, "second")
	case refuse:
		pool.Refuse(testAddress)
	case vacate:
		pool.Vacate(testAddress)
	case release:
		pool.Release(testAddress)
	case forget:
		pool.Forget(testAddress)
	case beginFreeing:
		pool.Freeing(testAddress)
	case endFreed, endKept:
		done(e == endFreed)
	default:
		t.Fatalf("no method for event %d", e)
	}
	return false
}

// TestPoolFollowsTheTransitions drives a pool into every state and applies every
// event through its exported methods.
func TestPoolFollowsTheTransitions(t *testing.T) {
	t.Parallel()
	eachTransition(t, func(t *testing.T, from state, e event, next state, reason error) {
		pool, done := poolIn(t, from)
		before := pool.Holder(testAddress)
		refused := call(t, pool, done, e)
		want, holder := next, before
		switch {
		case reason != nil:
			want = from
		case !next.occupied():
			holder = ""
		case e == claimAny || e == claimExact || e == hold || e == adopt:
			holder = "second"
		}
		if got := pool.entry(testAddress).state; got != want {
			t.Errorf("got state %d, want %d", got, want)
		}
		if got := pool.Holder(testAddress); got != holder {
			t.Errorf("got holder %q, want %q", got, holder)
		}
		if wantRefused := reason != nil && e != forget; refused != wantRefused {
			t.Errorf("refused: %t, want %t", refused, wantRefused)
		}
		wantStored := 0
		if want != free {
			wantStored = 1
		}
		if len(pool.addresses) != wantStored {
			t.Errorf("the pool stores %d addresses, want %d", len(pool.addresses), wantStored)
		}
	})
}
