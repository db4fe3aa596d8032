// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// account is an inventory that tests change directly.
type account struct {
	mu        sync.Mutex
	ips       []client.IP
	err       error
	refreshed int
}

func (a *account) IPs(context.Context) ([]client.IP, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]client.IP(nil), a.ips...), a.err
}

func (a *account) RefreshIPs() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refreshed++
}

func (a *account) assign(address, state string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.ips {
		if a.ips[i].Address == address {
			a.ips[i].State.Name = state
		}
	}
}

var west = client.Option{ID: 1, Name: "US-West-1"}

// addresses returns an account with free private addresses from 10.0.0.<from>
// to 10.0.0.<to>. The list is in descending order, so a test that expects the
// lowest address does not pass by accident.
func addresses(from, to int) *account {
	a := &account{}
	for i := to; i >= from; i-- {
		a.ips = append(a.ips, client.IP{
			ID: int64(i), Address: fmt.Sprintf("10.0.0.%d", i), Subnet: "10.0.0.0/255.255.255.0",
			State: client.Option{ID: 1, Name: client.IPUnassigned}, Datacenter: west,
		})
	}
	return a
}

func claim(t *testing.T, pool *allocation.Pool, request allocation.Request) string {
	t.Helper()
	ip, err := pool.Claim(t.Context(), request)
	if err != nil {
		t.Fatalf("Claim(%+v): %v", request, err)
	}
	return ip.Address
}

// The pool never hands out the first two addresses or the last address of a
// block, even if the grid lists them as unassigned.
func TestReservedAddressesAreNeverGiven(t *testing.T) {
	t.Parallel()
	for _, state := range []string{client.IPAssigned, client.IPUnassigned} {
		grid := addresses(248, 255)
		for i := range grid.ips {
			grid.ips[i].Subnet = "10.0.0.248/255.255.255.248"
			if i == 0 || i > 5 {
				grid.ips[i].State.Name = state
			}
		}
		pool := allocation.New(grid)
		if fitting, free := allocation.Fitting(grid.ips, allocation.Request{}), pool.Free(grid.ips, allocation.Request{}); len(fitting) != 5 || free != 5 {
			t.Errorf("%s: %d addresses fit and %d are free, want five", state, len(fitting), free)
		}
		for address, role := range map[string]string{"10.0.0.248": "network address", "10.0.0.249": "gateway", "10.0.0.255": "broadcast address"} {
			_, err := pool.Claim(t.Context(), allocation.Request{Address: address})
			var reserved *allocation.ReservedError
			if !errors.As(err, &reserved) || reserved.Role != role {
				t.Errorf("%s: claim %s: got %v, want a ReservedError with role %q", state, address, err, role)
			}
		}
		for _, want := range []string{"10.0.0.250", "10.0.0.251", "10.0.0.252", "10.0.0.253", "10.0.0.254"} {
			if got := claim(t, pool, allocation.Request{}); got != want {
				t.Errorf("%s: got %s, want %s", state, got, want)
			}
		}
		_, err := pool.Claim(t.Context(), allocation.Request{})
		var exhausted *allocation.ExhaustedError
		if !errors.As(err, &exhausted) || exhausted.Addresses != 5 {
			t.Errorf("%s: the sixth claim: got %v, want an ExhaustedError with 5 addresses", state, err)
		}
	}
}

func TestClaimGivesTheLowestFreeOne(t *testing.T) {
	t.Parallel()
	grid := addresses(2, 14)
	grid.assign("10.0.0.2", client.IPAssigned)
	pool := allocation.New(grid)
	for _, want := range []string{"10.0.0.3", "10.0.0.4", "10.0.0.5"} {
		if got := claim(t, pool, allocation.Request{}); got != want {
			t.Errorf("Claim = %s, want %s", got, want)
		}
	}
	pool.Release("10.0.0.4")
	if got := claim(t, pool, allocation.Request{}); got != "10.0.0.4" {
		t.Errorf("after Release Claim = %s, want 10.0.0.4", got)
	}
}

func TestLowestIsByNumberNotByText(t *testing.T) {
	t.Parallel()
	if got := claim(t, allocation.New(addresses(9, 11)), allocation.Request{}); got != "10.0.0.9" {
		t.Errorf("Claim = %s, want 10.0.0.9: it is lower than 10.0.0.10", got)
	}
}

func TestClaimsAtOnceAreAllDifferent(t *testing.T) {
	t.Parallel()
	pool := allocation.New(addresses(2, 101))
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		got = map[string]int{}
	)
	for range 100 {
		wg.Go(func() {
			ip, err := pool.Claim(t.Context(), allocation.Request{})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("Claim: %v", err)
			}
			got[ip.Address]++
		})
	}
	wg.Wait()
	if len(got) != 100 {
		t.Errorf("100 claims gave %d addresses", len(got))
	}
}

func TestClaimRestrictions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request allocation.Request
		want    string
		err     string
	}{
		"range":                   {request: allocation.Request{Range: netip.MustParsePrefix("10.0.0.8/29")}, want: "10.0.0.8"},
		"datacenter by name":      {request: allocation.Request{Datacenter: "us-west-1"}, want: "10.0.0.2"},
		"datacenter by id":        {request: allocation.Request{Datacenter: "1"}, want: "10.0.0.2"},
		"another datacenter":      {request: allocation.Request{Datacenter: "US-East-1"}, err: "the account has no private address for servers in US-East-1; its blocks are 10.0.0.0/24 (US-West-1), and no server can have the first two addresses or the last address of a block"},
		"another range":           {request: allocation.Request{Range: netip.MustParsePrefix("10.9.0.0/16")}, err: "the account has no private address for servers in 10.9.0.0/16; its blocks are 10.0.0.0/24 (US-West-1), and no server can have the first two addresses or the last address of a block"},
		"public":                  {request: allocation.Request{Public: true}, err: "the account has no public addresses"},
		"this one":                {request: allocation.Request{Address: "10.0.0.7"}, want: "10.0.0.7"},
		"this one, not ours":      {request: allocation.Request{Address: "10.0.1.7"}, err: "10.0.1.7 is not one of the account's private addresses, which are in 10.0.0.0/24 (US-West-1)"},
		"this one, wrong kind":    {request: allocation.Request{Address: "10.0.0.7", Public: true}, err: "10.0.0.7 is a private address, but a public address is required"},
		"this one, elsewhere":     {request: allocation.Request{Address: "10.0.0.7", Datacenter: "US-East-1"}, err: "10.0.0.7 is in US-West-1, not in datacenter US-East-1"},
		"this one, outside range": {request: allocation.Request{Address: "10.0.0.7", Range: netip.MustParsePrefix("10.0.0.8/29")}, err: "10.0.0.7 is not in range 10.0.0.8/29"},
		"this one, in use":        {request: allocation.Request{Address: "10.0.0.14"}, err: "10.0.0.14 is in use"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := addresses(2, 14)
			grid.assign("10.0.0.14", client.IPAssigned)
			ip, err := allocation.New(grid).Claim(t.Context(), test.request)
			if test.err == "" && (err != nil || ip.Address != test.want) {
				t.Errorf("Claim = %s, %v; want %s", ip.Address, err, test.want)
			}
			if test.err != "" && (err == nil || err.Error() != test.err) {
				t.Errorf("Claim error = %v, want %s", err, test.err)
			}
		})
	}
}

func TestTheSameAddressTwiceNamesTheHolder(t *testing.T) {
	t.Parallel()
	pool := allocation.New(addresses(2, 14))
	claim(t, pool, allocation.Request{Address: "10.0.0.7", Holder: `server "web"`})
	_, err := pool.Claim(t.Context(), allocation.Request{Address: "10.0.0.7"})
	var taken *allocation.TakenError
	if !errors.As(err, &taken) || taken.Holder != `server "web"` {
		t.Errorf("Claim error = %v, want a TakenError that names the holder", err)
	}
}

func TestHeldAndRefusedAddressesAreNotGivenOut(t *testing.T) {
	t.Parallel()
	grid := addresses(2, 5)
	pool := allocation.New(grid)
	pool.Hold("10.0.0.2", "another resource")
	first := claim(t, pool, allocation.Request{})
	pool.Refuse(first)
	if second := claim(t, pool, allocation.Request{}); first != "10.0.0.3" || second != "10.0.0.4" {
		t.Errorf("claims = %s, %s; want 10.0.0.3, then 10.0.0.4", first, second)
	}
	if grid.refreshed != 1 {
		t.Errorf("got %d refreshes after a refused address, want 1, because the list was out of date", grid.refreshed)
	}
}

func TestAdoptGivesAnAddressToOne(t *testing.T) {
	t.Parallel()
	pool := allocation.New(addresses(2, 5))
	var (
		wg      sync.WaitGroup
		adopted atomic.Int64
	)
	for range 20 {
		wg.Go(func() {
			if pool.Adopt("10.0.0.3", "a claim") {
				adopted.Add(1)
			}
		})
	}
	wg.Wait()
	if adopted.Load() != 1 {
		t.Errorf("%d callers adopted the address, want 1", adopted.Load())
	}
}

func TestExhausted(t *testing.T) {
	t.Parallel()
	pool := allocation.New(addresses(2, 3))
	claim(t, pool, allocation.Request{})
	claim(t, pool, allocation.Request{})
	_, err := pool.Claim(t.Context(), allocation.Request{Datacenter: "US-West-1"})
	if want := "all 2 private addresses in US-West-1 are in use"; err == nil || err.Error() != want {
		t.Errorf("Claim error = %v, want %s", err, want)
	}
}

func TestClaimWaitsForAnAddressThatIsBeingFreed(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]allocation.Request{
		"any":      {},
		"this one": {Address: "10.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				grid := addresses(2, 2)
				grid.assign("10.0.0.2", client.IPAssigned)
				pool := allocation.New(grid)
				done := pool.Freeing("10.0.0.2")
				got := make(chan string, 1)
				go func() { got <- claim(t, pool, request) }()
				synctest.Wait()
				select {
				case address := <-got:
					t.Fatalf("Claim returned %s before it was free", address)
				default:
				}
				grid.assign("10.0.0.2", client.IPUnassigned)
				done(true)
				if address := <-got; address != "10.0.0.2" {
					t.Errorf("Claim = %s, want 10.0.0.2", address)
				}
			})
		})
	}
}

func TestAFailedDeletionWakesWaitingClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		grid := addresses(2, 2)
		grid.assign("10.0.0.2", client.IPAssigned)
		pool := allocation.New(grid)
		done := pool.Freeing("10.0.0.2")
		got := make(chan error, 1)
		go func() {
			_, err := pool.Claim(t.Context(), allocation.Request{})
			got <- err
		}()
		synctest.Wait()
		done(false)
		var exhausted *allocation.ExhaustedError
		if err := <-got; !errors.As(err, &exhausted) {
			t.Errorf("Claim error = %v, want an ExhaustedError", err)
		}
	})
}

func TestAWaitingClaimObeysItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		grid := addresses(2, 2)
		grid.assign("10.0.0.2", client.IPAssigned)
		pool := allocation.New(grid)
		defer pool.Freeing("10.0.0.2")(false)
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, 1)
		go func() {
			_, err := pool.Claim(ctx, allocation.Request{Address: "10.0.0.2"})
			got <- err
		}()
		synctest.Wait()
		cancel()
		var taken *allocation.TakenError
		if err := <-got; !errors.As(err, &taken) {
			t.Errorf("Claim error = %v, want a TakenError", err)
		}
	})
}

func TestFreeCounts(t *testing.T) {
	t.Parallel()
	grid := addresses(2, 14)
	grid.assign("10.0.0.2", client.IPAssigned)
	grid.assign("10.0.0.3", client.IPAssigned)
	pool := allocation.New(grid)
	claim(t, pool, allocation.Request{})
	pool.Freeing("10.0.0.2")
	ips, _ := grid.IPs(t.Context())
	if free := pool.Free(ips, allocation.Request{}); free != 11 {
		t.Errorf("Free = %d, want 11 of 13: one is in use and one is claimed here, but the address that is being freed counts", free)
	}
	if free := pool.Free(ips, allocation.Request{Range: netip.MustParsePrefix("10.0.0.0/30")}); free != 1 {
		t.Errorf("Free in 10.0.0.0/30 = %d, want 1", free)
	}
}

func TestAnInventoryThatCannotBeHad(t *testing.T) {
	t.Parallel()
	down := errors.New("the service is down")
	if _, err := allocation.New(&account{err: down}).Claim(t.Context(), allocation.Request{}); !errors.Is(err, down) {
		t.Errorf("Claim error = %v, want %v", err, down)
	}
}

func BenchmarkClaim(b *testing.B) {
	grid := &account{}
	for i := range 4096 {
		grid.ips = append(grid.ips, client.IP{ID: int64(i), Address: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String(), Datacenter: west})
	}
	pool := allocation.New(grid)
	for b.Loop() {
		ip, err := pool.Claim(b.Context(), allocation.Request{})
		if err != nil {
			b.Fatal(err)
		}
		pool.Release(ip.Address)
	}
}
