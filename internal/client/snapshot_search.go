// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import "context"

// EveryServer returns all servers. Use it for a search that must not miss a
// server, for example because the caller would create a duplicate. EveryServer
// compares two complete lists, and looks up each server that only the older
// list shows. The error is an [IncompleteError] or an [UnprovenError] if a
// server may be missing.
func (s *Snapshot) EveryServer(ctx context.Context) ([]Server, error) {
	servers, onlyInPrevious, err := s.servers.search(ctx)
	if err != nil {
		return nil, err
	}
	all := servers[:len(servers):len(servers)]
	for i := range onlyInPrevious {
		server := &onlyInPrevious[i]
		if server.Pending() {
			server, err = s.AddedServer(ctx, server.Name, server.IP.Address)
		} else {
			server, err = s.Server(ctx, server.ID)
		}
		if err != nil {
			return nil, err
		}
		if server != nil {
			all = append(all, *server)
		}
	}
	return all, nil
}

// EveryImage is like [Snapshot.EveryServer], but for images.
func (s *Snapshot) EveryImage(ctx context.Context) ([]Image, error) {
	images, onlyInPrevious, err := s.images.search(ctx)
	if err != nil {
		return nil, err
	}
	all := images[:len(images):len(images)]
	for i := range onlyInPrevious {
		image, err := s.Image(ctx, onlyInPrevious[i].Name)
		if err != nil {
			return nil, err
		}
		if image != nil {
			all = append(all, *image)
		}
	}
	return all, nil
}
