// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"math/bits"
	"net/netip"
)

// address is an IPv4 address.
type address uint32

func addressOf(text string) (address, bool) {
	ip, err := netip.ParseAddr(text)
	if err != nil || !ip.Is4() {
		return 0, false
	}
	b := ip.As4()
	return address(b[0])<<24 | address(b[1])<<16 | address(b[2])<<8 | address(b[3]), true
}

func (a address) String() string {
	return netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)}).String()
}

// MarshalText returns the address in dotted form.
func (a address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText parses an address in dotted form.
func (a *address) UnmarshalText(text []byte) error {
	parsed, ok := addressOf(string(text))
	if !ok {
		return fmt.Errorf("%q must be an IPv4 address", text)
	}
	*a = parsed
	return nil
}

// block is a range of addresses that an account owns in one datacenter.
// grid.ip.list lists all addresses of the block, as in the wiki's samples of
// version 1.0 and in a comment of right_gogrid. The network address, the
// gateway (the address after the network address) and the broadcast address are
// always Assigned, and no server can have them. In one sample, a network
// address and a gateway are Assigned.
type block struct {
	Datacenter int
	Public     bool
	Network    address
	Size       int
	NetworkID  int64 // id of the network address; the other addresses have consecutive ids
}

func (b block) broadcast() address { return b.Network + address(b.Size) - 1 }

func (b block) contains(a address) bool { return a >= b.Network && a <= b.broadcast() }

func (b block) usable(a address) bool { return b.contains(a) && b.reserved(a) == "" }

// reserved returns the role of a reserved address in the block; "" if a server can have the address.
func (b block) reserved(a address) string {
	switch a {
	case b.Network:
		return "network address"
	case b.Network + 1:
		return "gateway"
	case b.broadcast():
		return "broadcast address"
	default:
		return ""
	}
}

func (b block) id(a address) int64 { return b.NetworkID + int64(a-b.Network) }

func (b block) byID(id int64) (address, bool) {
	offset := id - b.NetworkID
	return b.Network + address(offset), offset >= 0 && offset < int64(b.Size)
}

// addresses returns all addresses of the block, in order.
func (b block) addresses() []address {
	all := make([]address, b.Size)
	for i := range all {
		all[i] = b.Network + address(i)
	}
	return all
}

// prefix returns the block in CIDR form.
func (b block) prefix() netip.Prefix {
	return netip.PrefixFrom(netip.MustParseAddr(b.Network.String()), 32-bits.TrailingZeros(uint(b.Size)))
}

// subnet returns the network and its mask as the API writes them: "127.20.0.0/255.255.255.240".
func (b block) subnet() string {
	return b.Network.String() + "/" + (^address(b.Size - 1)).String()
}

// Public blocks are loopback addresses. On a Linux host, guests can therefore
// listen on the public addresses of their servers.
const (
	publicBase  address = 127<<24 | 20<<16
	privateBase address = 10<<24 | 110<<16
	// baseStep is the distance between two ranges: the second byte of the address
	// differs by 10. If the first /16 of a datacenter is full, the next accounts
	// use the /16 in the next range.
	baseStep    = 10 << 16
	lastPublic  = 20
	lastPrivate = 14
	// rangeCount is the number of ranges for public blocks. Each range has a /16
	// for every datacenter. The first lastPublic+1 ranges are baseStep apart; the
	// other ranges fill the gaps between them.
	rangeCount = (lastPublic + 1) * (10 / datacenterCount)
)

// network returns the first address of an account's block. ordinal is the number of the account, from 0. first is the number of
// the range in which the grid's public blocks begin.
func network(public bool, datacenter, ordinal, size, first int) (address, error) {
	perRange := largestBlockSize / size
	turn := ordinal / perRange
	start, found := privateRange(turn)
	if public {
		start, found = publicRange(first + turn)
	}
	if !found {
		return 0, fmt.Errorf("no room for the blocks of account number %d: use blocks of fewer than %d addresses", ordinal+1, size)
	}
	return start + address(datacenter-1)<<16 + address(ordinal%perRange*size), nil
}

func privateRange(number int) (address, bool) {
	return privateBase + address(number*baseStep), number <= lastPrivate
}

// publicRange returns the first address of a range for public blocks. number
// counts from 0.
func publicRange(number int) (address, bool) {
	turn, between := number%(lastPublic+1), number/(lastPublic+1)
	return publicBase + address(turn*baseStep) + address(between*datacenterCount)<<16, number < rangeCount
}
