// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// known records the objects that belong to this configuration, and the objects
// that this process takes over or deletes. Plan and apply are different
// processes, so an apply has no access to the records of its plan. The zero
// value is ready for use.
type known struct {
	mu sync.Mutex

	// seen holds the addresses of servers and the keys of images that belong to this
	// configuration: objects in the prior state, and objects that this process has
	// refreshed, created or begun to delete.
	seen set
	// adopted holds the existing objects that this process took over, by kind
	// and id or address.
	adopted set
	// doomed holds the addresses of servers that Terraform has asked this
	// process to delete.
	doomed set
	// deleting holds the objects whose deletion this process has begun, by kind and id
	// or address.
	deleting set
}

// ImageKey returns the key of an image for See and HasSeen.
func ImageKey(id types.String) string { return "image/" + id.ValueString() }

// See records that objects belong to this configuration. The keys are the addresses
// of a server, or the ImageKey of an image.
func (k *known) See(keys ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range keys {
		k.seen.add(key)
	}
}

// HasSeen reports whether See was called with a key.
func (k *known) HasSeen(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.seen.has(key)
}

// TryAdopt records that this process takes over an existing object. It returns
// false if this process has begun to delete the object. If a deletion of the
// object follows in the same process, the resource was replaced or renamed, and
// its creation found the old object. TryDelete then returns false, so that the
// object is kept.
func (k *known) TryAdopt(kind, key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.deleting.has(kind + "/" + key) {
		return false
	}
	k.adopted.add(kind + "/" + key)
	return true
}

// Adopt is TryAdopt for an object whose deletion cannot have begun.
func (k *known) Adopt(kind, key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.adopted.add(kind + "/" + key)
}

// HasAdopted reports whether this process has taken over an object.
func (k *known) HasAdopted(kind, key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.adopted.has(kind + "/" + key)
}

// TryDelete records that the deletion of an object begins. It returns false if
// this process has taken the object over; in that case the caller must keep the
// object.
func (k *known) TryDelete(kind, key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.adopted.has(kind + "/" + key) {
		return false
	}
	k.deleting.add(kind + "/" + key)
	return true
}

// Doom records that Terraform has asked this process to delete the server with
// these addresses. Until the deletion begins, a creation may take over the
// server.
func (k *known) Doom(addresses ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, address := range addresses {
		k.doomed.add(address)
	}
}

// IsDoomed reports whether Terraform has asked this process to delete the
// server at an address and the deletion has not begun.
func (k *known) IsDoomed(kind, address string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.doomed.has(address) && !k.deleting.has(kind+"/"+address)
}

// set is a set of keys. The zero value is empty and ready for use.
type set map[string]struct{}

func (s *set) add(key string) {
	if *s == nil {
		*s = set{}
	}
	(*s)[key] = struct{}{}
}

func (s set) has(key string) bool {
	_, ok := s[key]
	return ok
}
