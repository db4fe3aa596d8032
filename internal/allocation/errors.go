// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"fmt"
	"strings"
)

// UnknownAddressError reports that an address does not belong to the account.
type UnknownAddressError struct {
	Address string
	Public  bool     // the requested kind of address
	Blocks  []string // see [Blocks]
}

func (e *UnknownAddressError) Error() string {
	if len(e.Blocks) == 0 {
		return fmt.Sprintf("%s is not one of the account's addresses: the account has no %s addresses", e.Address, kind(e.Public))
	}
	return fmt.Sprintf("%s is not one of the account's %s addresses, which are in %s", e.Address, kind(e.Public), strings.Join(e.Blocks, ", "))
}

// WrongKindError reports that an address is public although a private address
// is required, or private although a public address is required.
type WrongKindError struct {
	Address string
	Public  bool // the kind of Address
}

func (e *WrongKindError) Error() string {
	return fmt.Sprintf("%s is a %s address, but a %s address is required", e.Address, kind(e.Public), kind(!e.Public))
}

// OutsideError reports that an address is outside the requested datacenter or
// range.
type OutsideError struct {
	Address string
	Place   string // the requested datacenter or range
	Where   string // the datacenter of Address; empty if unknown
}

func (e *OutsideError) Error() string {
	if e.Where == "" {
		return fmt.Sprintf("%s is not in %s", e.Address, e.Place)
	}
	return fmt.Sprintf("%s is in %s, not in %s", e.Address, e.Where, e.Place)
}

// ReservedError reports that an address is the network, gateway or broadcast
// address of its block, so no server can use it.
type ReservedError struct {
	Address string
	Role    string // see [client.IP.Reserved]
	Block   string
}

func (e *ReservedError) Error() string {
	return fmt.Sprintf("%s is the %s of the block %s", e.Address, e.Role, e.Block)
}

// TakenError reports that an address is in use.
type TakenError struct {
	Address string
	Holder  string // empty if this process does not know the holder
}

func (e *TakenError) Error() string {
	if e.Holder == "" {
		return e.Address + " is in use"
	}
	return fmt.Sprintf("%s is in use by %s", e.Address, e.Holder)
}

// ExhaustedError reports that no free address fits a request.
type ExhaustedError struct {
	Request   Request
	Addresses int      // number of addresses that fit the request; all are in use
	Blocks    []string // see [Blocks]
}

func (e *ExhaustedError) Error() string {
	switch {
	case len(e.Blocks) == 0:
		return fmt.Sprintf("the account has no %s addresses", e.Kind())
	case e.Addresses == 0:
		return fmt.Sprintf("the account has no %s address for servers in %s; its blocks are %s, and no server can have the first two addresses or the last address of a block",
			e.Kind(), e.Place(), strings.Join(e.Blocks, ", "))
	}
	return fmt.Sprintf("all %d %s addresses in %s are in use", e.Addresses, e.Kind(), e.Place())
}

// Kind returns the requested kind of address: "public" or "private".
func (e *ExhaustedError) Kind() string { return kind(e.Request.Public) }

// Place returns the requested range if there is one, otherwise the requested
// datacenter, otherwise "the account".
func (e *ExhaustedError) Place() string {
	switch {
	case e.Request.Range.IsValid():
		return e.Request.Range.String()
	case e.Request.Datacenter != "":
		return e.Request.Datacenter
	default:
		return "the account"
	}
}

func kind(public bool) string {
	if public {
		return "public"
	}
	return "private"
}
