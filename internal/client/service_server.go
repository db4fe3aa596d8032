// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
)

// ServerService calls grid.server.*.
type ServerService struct {
	calls    *caller
	snapshot *Snapshot
}

// ServerFilter restricts a list of servers. The zero value lists all servers.
type ServerFilter struct {
	// Datacenter and Type are ids or names of options.
	Datacenter string
	Type       string
	// Sandbox restricts the list to sandboxes (true) or to ordinary servers (false).
	Sandbox *bool
}

// List returns the servers, including those that are still being provisioned.
func (s *ServerService) List(ctx context.Context, filter ServerFilter) ([]Server, error) {
	form := url.Values{}
	setText(form, "datacenter", filter.Datacenter)
	setText(form, "server.type", filter.Type)
	setFlag(form, "isSandbox", filter.Sandbox)
	return requireComplete(listServers(ctx, s.calls, form))
}

func listServers(ctx context.Context, calls *caller, form url.Values) (listing[Server], error) {
	return listObjects(ctx, calls, "grid.server.list", form, newServerDecoder().server, serverKey)
}

// serverKey identifies a server by its public address, because a server has no
// id until it is provisioned. An address belongs to only one server at a time.
func serverKey(s *Server) string { return s.IP.Address }

// Get returns the servers with the given ids and leaves out unknown ids. If all
// ids are unknown, [IsNotFound] is true for the error.
func (s *ServerService) Get(ctx context.Context, ids ...int64) ([]Server, error) {
	return getServers(ctx, s.calls, ids...)
}

func getServers(ctx context.Context, calls *caller, ids ...int64) ([]Server, error) {
	return list(ctx, calls, "grid.server.get", idForm(ids...), newServerDecoder().server)
}

// ServerAdd describes a server to add.
type ServerAdd struct {
	// Name must have at most 20 characters. It need not be unique.
	Name string
	// Image is an id or a name.
	Image string
	// RAM is an id or a name from the lookup "server.ram". It must be empty for
	// a sandbox, which has a fixed size.
	RAM string
	// IP must be a free public address of the account. It determines the datacenter.
	IP string
	// PrivateIP must be a free private address of the same datacenter, or empty.
	PrivateIP   string
	Description string
	// Sandbox requests a sandbox, from which an image can be saved.
	Sandbox bool
}

// Add requests a server. The returned server has no id yet. The server is on
// some minutes later: see [Watch.Server].
func (s *ServerService) Add(ctx context.Context, add ServerAdd) (*Server, error) {
	form := url.Values{"name": {add.Name}, "image": {add.Image}, "ip": {add.IP}}
	setText(form, "server.ram", add.RAM)
	setText(form, "privateip", add.PrivateIP)
	setText(form, "description", add.Description)
	if add.Sandbox {
		form.Set("isSandbox", "true")
	}
	server, err := s.change(ctx, "grid.server.add", form, func(answered *Server) bool {
		return answered.Name == add.Name && answered.IP.Address == add.IP
	})
	if err != nil {
		return nil, err
	}
	s.snapshot.serverAdded(server)
	return server, nil
}

// ServerEdit holds the new values of a server. A nil field keeps the current
// value, and an empty description removes the description. A server cannot be
// renamed.
type ServerEdit struct {
	RAM         *string
	Type        *string
	Description *string
}

// Edit starts to change a server. The returned server has the new values, and
// its state is always Updating.
func (s *ServerService) Edit(ctx context.Context, id int64, edit ServerEdit) (*Server, error) {
	form := idForm(id)
	setOptional(form, "server.ram", edit.RAM)
	setOptional(form, "server.type", edit.Type)
	setOptional(form, "description", edit.Description)
	return s.changeKnown(ctx, "grid.server.edit", id, form)
}

// PowerAction is a power command for a server.
type PowerAction string

// The power commands. PowerOff and PowerRestart do not shut down the operating
// system first.
const (
	PowerOn      PowerAction = "start"
	PowerOff     PowerAction = "stop"
	PowerRestart PowerAction = "restart"
)

// Power switches a server on or off, or restarts it. It returns the server as
// it was before.
func (s *ServerService) Power(ctx context.Context, id int64, action PowerAction) (*Server, error) {
	form := idForm(id)
	form.Set("power", string(action))
	return s.changeKnown(ctx, "grid.server.power", id, form)
}

// Delete starts to delete a server, which may be running. It returns the server
// as it was before. The addresses become free once the server has disappeared
// from all lists.
func (s *ServerService) Delete(ctx context.Context, id int64) (*Server, error) {
	server, err := s.changeKnown(ctx, "grid.server.delete", id, idForm(id))
	if IsOutcomeUnknown(err) {
		s.snapshot.serverMaybeDeleting(id)
	}
	if err != nil {
		return nil, err
	}
	s.snapshot.serverDeleting(server)
	return server, nil
}

func (s *ServerService) changeKnown(ctx context.Context, method string, id int64, form url.Values) (*Server, error) {
	server, err := s.change(ctx, method, form, func(answered *Server) bool { return answered.ID == id })
	if err != nil {
		return nil, err
	}
	s.snapshot.serverChanged(server)
	return server, nil
}

func (s *ServerService) change(ctx context.Context, method string, form url.Values, matches func(*Server) bool) (*Server, error) {
	return change(ctx, s.calls, method, form, newServerDecoder().server, matches)
}

func idForm(ids ...int64) url.Values {
	form := url.Values{}
	for _, id := range ids {
		form.Add("id", strconv.FormatInt(id, 10))
	}
	return form
}

func setText(form url.Values, name, value string) {
	if value != "" {
		form.Set(name, value)
	}
}

func setOptional(form url.Values, name string, value *string) {
	if value != nil {
		form.Set(name, *value)
	}
}

func setFlag(form url.Values, name string, value *bool) {
	if value != nil {
		form.Set(name, strconv.FormatBool(*value))
	}
}
