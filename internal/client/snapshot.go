// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Kind is a kind of object that the [Snapshot] lists.
type Kind string

// The kinds of objects that a [Snapshot] lists.
const (
	KindServers Kind = "servers"
	KindImages  Kind = "images"
	KindIPs     Kind = "ips"
)

// Snapshot answers reads from one cached list per kind. All readers share the
// list, and a read fetches it again if it is older than the snapshot window.
// Changes made through this client, and the polls of its [Watch], update the
// lists at once. So an apply that creates many objects one after the other does
// not fetch a new list for each object.
//
// Readers share the returned values and must not change them.
type Snapshot struct {
	servers *cachedList[Server]
	images  *cachedList[Image]
	ips     *cachedList[IP]

	calls        *caller
	clock        clockwork.Clock
	deletionJobs deletionJobs

	mu      sync.Mutex
	lookups map[string]*cachedList[Option]
	// gone holds the ids of servers that are proven to be gone. The service does not
	// reuse ids.
	gone map[int64]bool
	// deleting holds the addresses of servers that are being deleted. The slice
	// is empty if the addresses are unknown.
	deleting map[int64][]string
	// directLookups counts the direct lookups that found a server.
	directLookups int64
}

// forever is the window of lists that are never fetched again.
const forever = time.Duration(1<<63 - 1)

func newSnapshot(calls *caller, clock clockwork.Clock, window time.Duration) *Snapshot {
	s := &Snapshot{calls: calls, clock: clock, lookups: map[string]*cachedList[Option]{}, deleting: map[int64][]string{}, gone: map[int64]bool{}}
	s.servers = newCachedList(clock, window, serverKeys, func(ctx context.Context) (listing[Server], error) {
		found, err := listServers(ctx, calls, url.Values{})
		return s.withoutGone(found), err
	})
	s.images = newCachedList(clock, window, imageKeys, func(ctx context.Context) (listing[Image], error) {
		return listImages(ctx, calls, url.Values{})
	})
	s.ips = newCachedList(clock, window, ipKeys, func(ctx context.Context) (listing[IP], error) {
		return listAllIPs(ctx, calls)
	})
	return s
}

func idKey(id int64) string { return "id " + strconv.FormatInt(id, 10) }

func nameKey(name string) string { return "name " + strings.ToLower(name) }

func addressKey(address string) string { return "at " + address }

// serverKeys returns the keys of a server: its id, unless it is still being
// provisioned, and its addresses.
func serverKeys(s *Server) []string {
	keys := make([]string, 0, 3)
	if s.ID != 0 {
		keys = append(keys, idKey(s.ID))
	}
	for _, address := range s.Addresses() {
		keys = append(keys, addressKey(address))
	}
	return keys
}

func imageKeys(i *Image) []string { return []string{idKey(i.ID), nameKey(i.Name)} }

func ipKeys(ip *IP) []string { return []string{idKey(ip.ID), addressKey(ip.Address)} }

// Servers returns all servers. The error is an [IncompleteError] if the list may lack
// servers.
func (s *Snapshot) Servers(ctx context.Context) ([]Server, error) { return s.servers.all(ctx) }

// Images returns all images that the account may use. The error is an
// [IncompleteError] if the list may lack images.
func (s *Snapshot) Images(ctx context.Context) ([]Image, error) { return s.images.all(ctx) }

// IPs returns all addresses of the account. The error is an [IncompleteError] if the
// list may lack addresses.
func (s *Snapshot) IPs(ctx context.Context) ([]IP, error) { return s.ips.all(ctx) }

// ServerAt returns the server with the given public or private address, or nil
// if the list shows none. A nil result does not prove that there is no such
// server: see [Snapshot.AddedServer].
func (s *Snapshot) ServerAt(ctx context.Context, address string) (*Server, error) {
	return s.servers.peek(ctx, addressKey(address))
}

// Lookup returns the options of a lookup such as "server.ram". The client
// fetches each lookup only once.
func (s *Snapshot) Lookup(ctx context.Context, name string) ([]Option, error) {
	s.mu.Lock()
	kept, known := s.lookups[name]
	if !known {
		kept = newCachedList(s.clock, forever, func(o *Option) []string { return []string{idKey(o.ID)} },
			func(ctx context.Context) (listing[Option], error) {
				options, err := listLookup(ctx, s.calls, name)
				return listing[Option]{items: options}, err
			})
		s.lookups[name] = kept
	}
	s.mu.Unlock()
	return kept.all(ctx)
}

// Refresh makes the next read of a kind fetch a new list.
func (s *Snapshot) Refresh(kind Kind) {
	switch kind {
	case KindServers:
		s.servers.expire()
	case KindImages:
		s.images.expire()
	case KindIPs:
		s.ips.expire()
	}
}

// serverAdded adds a server that was just requested.
func (s *Snapshot) serverAdded(server *Server) {
	s.servers.update(func(list *indexedList[Server]) { list.put(server) })
	s.addressesTaken(server.Addresses()...)
}

// serverChanged replaces a listed server with the server returned by a change.
func (s *Snapshot) serverChanged(server *Server) {
	s.servers.update(func(list *indexedList[Server]) { list.replace(idKey(server.ID), server) })
}

// imageSaved adds an image that was just requested.
func (s *Snapshot) imageSaved(image *Image) {
	s.images.update(func(list *indexedList[Image]) { list.put(image) })
}

// imageChanged replaces a listed image with the image returned by a change.
func (s *Snapshot) imageChanged(image *Image) {
	s.images.update(func(list *indexedList[Image]) { list.replace(idKey(image.ID), image) })
}

// addressesTaken marks addresses as assigned, as the service does when an object is
// added with them.
func (s *Snapshot) addressesTaken(addresses ...string) { s.assign(IPAssigned, addresses) }

// addressesFreed marks addresses as unassigned.
func (s *Snapshot) addressesFreed(addresses ...string) { s.assign(IPUnassigned, addresses) }

// ipState returns an option of the lookup "ip.state", as recorded from the
// service.
func ipState(name string) Option {
	if name == IPAssigned {
		return Option{ID: 2, Name: IPAssigned, Description: "IP is reserved or in use"}
	}
	return Option{ID: 1, Name: IPUnassigned, Description: "IP is available to use"}
}

func (s *Snapshot) assign(state string, addresses []string) {
	if len(addresses) == 0 {
		return
	}
	s.ips.update(func(list *indexedList[IP]) {
		for _, address := range addresses {
			if ip := list.get(addressKey(address)); ip != nil && !ip.State.Matches(state) {
				changed := *ip
				changed.State = ipState(state)
				list.replace(addressKey(address), &changed)
			}
		}
	})
}

// serverDeleting records the addresses of a server that is being deleted. The
// addresses become free once the server is gone, even if no list has shown the
// server.
func (s *Snapshot) serverDeleting(server *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleting[server.ID] = server.Addresses()
}

// serverMaybeDeleting is like serverDeleting, but for a deletion whose outcome
// is unknown. The addresses are known only if a list has shown the server.
func (s *Snapshot) serverMaybeDeleting(id int64) {
	server := &Server{ID: id}
	s.servers.visit(func(list *indexedList[Server]) {
		if known := list.get(idKey(id)); known != nil {
			server = known
		}
	}, always)
	s.serverDeleting(server)
}

// serverGone marks the addresses of a server that is proven to be gone as
// unassigned. If the server was being deleted and its addresses are unknown,
// the next read fetches a new list of addresses.
func (s *Snapshot) serverGone(id int64) {
	s.mu.Lock()
	addresses, left := s.deleting[id]
	delete(s.deleting, id)
	s.gone[id] = true
	s.mu.Unlock()
	if left && len(addresses) == 0 {
		s.Refresh(KindIPs)
	}
	s.addressesFreed(addresses...)
}

// isGone reports whether the server is proven to be gone.
func (s *Snapshot) isGone(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone[id]
}

// serverFound adds a server that a direct lookup found.
func (s *Snapshot) serverFound(server *Server) {
	s.mu.Lock()
	delete(s.gone, server.ID)
	s.directLookups++
	s.mu.Unlock()
	s.servers.update(func(list *indexedList[Server]) { list.put(server) })
}

// withoutGone removes servers that are proven to be gone from a list. A list
// that shows such a server is outdated and may lack newer servers.
func (s *Snapshot) withoutGone(found listing[Server]) listing[Server] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.gone) == 0 {
		return found
	}
	return found.without(func(server *Server) error {
		if s.gone[server.ID] {
			return &IncompleteError{
				Method: "grid.server.list", Reason: fmt.Errorf("it shows the server %q (id %d), which is gone", server.Name, server.ID),
			}
		}
		return nil
	})
}
