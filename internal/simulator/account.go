// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// account holds all objects of one customer. An account cannot see objects of
// other accounts.
type account struct {
	accountRecord
	servers   ordered[*server]
	balancers ordered[*balancer]
	jobs      ordered[*job]
	usage     ordered[*usage]
	assigned  map[address]string // the object that has each address, such as "server web"
}

func newAccount(r accountRecord) *account {
	return &account{accountRecord: r, assigned: make(map[address]string)}
}

// newCustomer creates an account with a public and a private block in each datacenter.
func (g *Grid) newCustomer(id int64) error {
	r := accountRecord{ID: id, Ordinal: len(g.accounts)}
	sizes := map[bool]int{
		true:  cmp.Or(g.options.PublicBlockSize, g.storedSize(true), defaultBlockSize),
		false: cmp.Or(g.options.PrivateBlockSize, g.storedSize(false), defaultBlockSize),
	}
	for _, public := range []bool{true, false} {
		for datacenter := 1; datacenter <= datacenterCount; datacenter++ {
			first, err := network(public, datacenter, r.Ordinal, sizes[public], g.place.first)
			if err != nil {
				return err
			}
			size := sizes[public]
			b := block{Datacenter: datacenter, Public: public, Network: first, Size: size, NetworkID: g.next.IP}
			g.next.IP += int64(size)
			r.Blocks = append(r.Blocks, b)
		}
	}
	r.StorageID = takeID(&g.next.Password)
	r.StoragePassword = randomPassword(draw(g.seed, drawStorage, id))
	g.accounts[id] = newAccount(r)
	g.store.Put(store.Accounts, store.IDKey(id), r)
	return nil
}

// storedSize returns the block size of the existing accounts, or 0 if the grid
// has no accounts.
func (g *Grid) storedSize(public bool) int {
	for _, id := range g.accountIDs() {
		return g.accounts[id].blockSize(public)
	}
	return 0
}

func (a *account) blockSize(public bool) int {
	for _, b := range a.Blocks {
		if b.Public == public {
			return b.Size
		}
	}
	return 0
}

// checkSizes returns an error if the options request a block size other than
// the size in the state file, because existing blocks cannot be resized.
func (a *account) checkSizes(o Options) error {
	for _, size := range []struct {
		name   string
		public bool
		asked  int
	}{{"public", true, o.PublicBlockSize}, {"private", false, o.PrivateBlockSize}} {
		if has := a.blockSize(size.public); size.asked != 0 && size.asked != has {
			return fmt.Errorf("the state file has %s blocks of %d addresses, not %d: leave out the %s block size, or use another state file",
				size.name, has, size.asked, size.name)
		}
	}
	return nil
}

// renumber gives new address ids to blocks from older state files. In those
// files only usable addresses had ids.
func (g *Grid) renumber(a *account) {
	changed := false
	for i := range a.Blocks {
		if b := &a.Blocks[i]; b.NetworkID == 0 {
			b.NetworkID = g.next.IP
			g.next.IP += int64(b.Size)
			changed = true
		}
	}
	if changed {
		g.store.Put(store.Accounts, store.IDKey(a.ID), a.accountRecord)
	}
}

// findAddress returns an address of the account and its block. text is the
// address in dotted form, or its id.
func (a *account) findAddress(text string) (address, block, bool) {
	ip, dotted := addressOf(text)
	id, err := strconv.ParseInt(text, 10, 64)
	for _, b := range a.Blocks {
		if dotted && b.contains(ip) {
			return ip, b, true
		}
		if err == nil {
			if found, ok := b.byID(id); ok {
				return found, b, true
			}
		}
	}
	return 0, block{}, false
}

func (a *account) blockOf(ip address) block {
	for _, b := range a.Blocks {
		if b.contains(ip) {
			return b
		}
	}
	panic(fmt.Sprintf("%s is in no block of account %d", ip, a.ID))
}

// holder returns the name of the object that has an address, or the reserved
// role of the address. It returns "" if the address is free.
func (a *account) holder(ip address) string {
	return cmp.Or(a.assigned[ip], a.blockOf(ip).reserved(ip))
}

func (a *account) name() string { return "Customer " + strconv.FormatInt(a.ID, 10) }
