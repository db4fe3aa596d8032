// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Kind is a kind of object of which the [Snapshot] keeps a list.
type Kind string

// The kinds a [Snapshot] keeps.
const (
	KindServers Kind = "servers"
	KindImages  Kind = "images"
	KindIPs     Kind = "ips"
)

// Snapshot answers reads from one list per kind, which all readers share and
// which is fetched anew when it is older than the snapshot window. What changes
// through this client, and what its [Watch] sees, is written into it at once,
// so that an apply that plans and creates in turn does not list for each step.
//
// What it returns is shared: do not change it.
type Snapshot struct {
	servers *shelf[Server]
	images  *shelf[Image]
	ips     *shelf[IP]

	calls   *caller
	clock   clockwork.Clock
	mu      sync.Mutex
	lookups map[string]*shelf[Option]
	// leaving holds the addresses of servers that are being deleted.
	leaving map[int64][]string
}

// forever is the window of what is kept for the life of the client.
const forever = time.Duration(1<<63 - 1)

func newSnapshot(calls *caller, clock clockwork.Clock, window time.Duration) *Snapshot {
	s := &Snapshot{calls: calls, clock: clock, lookups: map[string]*shelf[Option]{}, leaving: map[int64][]string{}}
	s.servers = newShelf(clock, window, serverKeys, func(ctx context.Context) ([]Server, error) {
		return listServers(ctx, calls, url.Values{})
	})
	s.images = newShelf(clock, window, imageKeys, func(ctx context.Context) ([]Image, error) {
		return listImages(ctx, calls, url.Values{})
	})
	s.ips = newShelf(clock, window, ipKeys, func(ctx context.Context) ([]IP, error) {
		return listIPs(ctx, calls, url.Values{})
	})
	return s
}

func idKey(id int64) string { return "id " + strconv.FormatInt(id, 10) }

func nameKey(name string) string { return "name " + strings.ToLower(name) }

func addressKey(address string) string { return "at " + address }

// serverKeys: a server without an id is found by its address only. A private
// address leads to its server too.
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

// Servers returns all servers.
func (s *Snapshot) Servers(ctx context.Context) ([]Server, error) { return s.servers.all(ctx) }

// Server returns the server with the id, nil if there is none.
func (s *Snapshot) Server(ctx context.Context, id int64) (*Server, error) {
	return s.servers.find(ctx, idKey(id))
}

// ServerAt returns the server that holds the public or private address, nil if
// none does.
func (s *Snapshot) ServerAt(ctx context.Context, address string) (*Server, error) {
	return s.servers.find(ctx, addressKey(address))
}

// Images returns all images that the account may use.
func (s *Snapshot) Images(ctx context.Context) ([]Image, error) { return s.images.all(ctx) }

// Image returns the image with the id or the (unique) name, nil if there is
// none. Names are compared without regard to case.
func (s *Snapshot) Image(ctx context.Context, idOrName string) (*Image, error) {
	if id, err := strconv.ParseInt(idOrName, 10, 64); err == nil {
		if image, err := s.images.find(ctx, idKey(id)); image != nil || err != nil {
			return image, err
		}
	}
	return s.images.find(ctx, nameKey(idOrName))
}

// IPs returns all addresses of the account.
func (s *Snapshot) IPs(ctx context.Context) ([]IP, error) { return s.ips.all(ctx) }

// IPAt returns the account's address, nil if it is not one of the account's.
func (s *Snapshot) IPAt(ctx context.Context, address string) (*IP, error) {
	return s.ips.find(ctx, addressKey(address))
}

// Lookup returns the options of a lookup such as "server.ram". They are listed
// once in the life of the client.
func (s *Snapshot) Lookup(ctx context.Context, name string) ([]Option, error) {
	s.mu.Lock()
	kept, known := s.lookups[name]
	if !known {
		kept = newShelf(s.clock, forever, func(o *Option) []string { return []string{idKey(o.ID)} },
			func(ctx context.Context) ([]Option, error) { return listLookup(ctx, s.calls, name) })
		s.lookups[name] = kept
	}
	s.mu.Unlock()
	return kept.all(ctx)
}

// Refresh makes the next read of the kind list anew.
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

// serverAdded puts in a server that was just asked for.
func (s *Snapshot) serverAdded(server *Server) {
	s.servers.write(func(rows *rows[Server]) { rows.put(server) })
	s.addressesTaken(server.Addresses()...)
}

// serverChanged puts in what a change answered, unless the server is gone.
func (s *Snapshot) serverChanged(server *Server) {
	s.servers.write(func(rows *rows[Server]) { rows.replace(idKey(server.ID), server) })
}

// imageSaved puts in an image that was just asked for.
func (s *Snapshot) imageSaved(image *Image) {
	s.images.write(func(rows *rows[Image]) { rows.put(image) })
}

// imageChanged puts in what a change answered, unless the image is gone.
func (s *Snapshot) imageChanged(image *Image) {
	s.images.write(func(rows *rows[Image]) { rows.replace(idKey(image.ID), image) })
}

// addressesTaken marks addresses as assigned, as the service does the moment
// something is added with them.
func (s *Snapshot) addressesTaken(addresses ...string) { s.assign(IPAssigned, addresses) }

// addressesFreed marks addresses as unassigned.
func (s *Snapshot) addressesFreed(addresses ...string) { s.assign(IPUnassigned, addresses) }

// ipState returns an option of "ip.state", ids and texts as recorded.
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
	s.ips.write(func(rows *rows[IP]) {
		for _, address := range addresses {
			if ip := rows.get(addressKey(address)); ip != nil && !ip.State.Matches(state) {
				changed := *ip
				changed.State = ipState(state)
				rows.replace(addressKey(address), &changed)
			}
		}
	})
}

// serverLeaves remembers the addresses of a server that is being deleted: they
// are free when it is gone, even if no list of servers was kept before.
func (s *Snapshot) serverLeaves(server *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving[server.ID] = server.Addresses()
}

// polled puts in a list of all servers that the watch fetched. The addresses of
// servers that are gone from it are free.
func (s *Snapshot) polled(fetch *fetch[Server], servers []Server) {
	before, after := fetch.store(servers)
	present := make(map[int64]bool, len(after))
	held := make(map[string]bool, 2*len(after))
	for i := range after {
		present[after[i].ID] = true
		for _, address := range after[i].Addresses() {
			held[address] = true
		}
	}
	var freed []string
	for _, address := range append(s.left(present), addressesOf(before)...) {
		if !held[address] {
			freed = append(freed, address)
		}
	}
	s.addressesFreed(freed...)
}

// left returns the addresses of the servers whose deletion is done.
func (s *Snapshot) left(present map[int64]bool) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var addresses []string
	for id, held := range s.leaving {
		if !present[id] {
			addresses = append(addresses, held...)
			delete(s.leaving, id)
		}
	}
	return addresses
}

func addressesOf(servers []Server) []string {
	var addresses []string
	for i := range servers {
		addresses = append(addresses, servers[i].Addresses()...)
	}
	return addresses
}
