// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Accounted reports which objects a resource manages, so that they are not leftovers.
type Accounted interface {
	// Server reports whether a resource manages the server or sandbox.
	Server(server *client.Server) bool
	// Image reports whether a resource manages the image.
	Image(image *client.Image) bool
	// PrivateAddress reports whether a resource leases the private address.
	PrivateAddress(address string) bool
	// ServerName reports whether a resource manages a server with this name.
	// The answer applies only to the server's files on Cloud Storage.
	ServerName(name string) bool
}

// Known implements [Accounted] with sets of ids, addresses and names. The zero
// Known accounts for nothing.
type Known struct {
	servers   map[int64]struct{}
	images    map[int64]struct{}
	addresses map[string]struct{}
	names     map[string]struct{}
}

var _ Accounted = (*Known)(nil)

// Empty reports whether nothing was added.
func (k *Known) Empty() bool {
	return len(k.servers)+len(k.images)+len(k.addresses)+len(k.names) == 0
}

// AddServer accounts for the server with the id.
func (k *Known) AddServer(id int64) { k.servers = with(k.servers, id) }

// AddImage accounts for the image with the id.
func (k *Known) AddImage(id int64) { k.images = with(k.images, id) }

// AddAddress accounts for the server with this public address and for the lease of
// this private address.
func (k *Known) AddAddress(address string) { k.addresses = with(k.addresses, address) }

// AddServerName accounts for the Cloud Storage files of the server with the
// name. It does not account for the server itself.
func (k *Known) AddServerName(name string) { k.names = with(k.names, strings.ToLower(name)) }

// Server implements [Accounted].
func (k *Known) Server(server *client.Server) bool {
	return server.ID != 0 && has(k.servers, server.ID) || has(k.addresses, server.IP.Address)
}

// Image implements [Accounted].
func (k *Known) Image(image *client.Image) bool { return has(k.images, image.ID) }

// PrivateAddress implements [Accounted].
func (k *Known) PrivateAddress(address string) bool { return has(k.addresses, address) }

// ServerName implements [Accounted].
func (k *Known) ServerName(name string) bool { return has(k.names, strings.ToLower(name)) }

// with adds the member to the set and returns the set. It creates the set if it is
// nil.
func with[T comparable](set map[T]struct{}, member T) map[T]struct{} {
	if set == nil {
		set = map[T]struct{}{}
	}
	set[member] = struct{}{}
	return set
}

func has[T comparable](set map[T]struct{}, member T) bool {
	_, found := set[member]
	return found
}
