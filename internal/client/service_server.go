// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
)

// ServerService is grid.server.*.
type ServerService struct {
	calls    *caller
	snapshot *Snapshot
}

// ServerFilter narrows a list of servers. The zero value lists all.
type ServerFilter struct {
	// Datacenter and Type are ids or names of options.
	Datacenter string
	Type       string
	// Sandbox true lists sandboxes only, false ordinary servers only, nil both.
	Sandbox *bool
}

// List returns the servers, those still being provisioned included.
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

// serverKey identifies servers. An address belongs to one server at a time.
func serverKey(s *Server) string { return s.IP.Address }

// Get returns the servers with the ids. Unknown ids are left out; if none is
// known the error is one of [IsNotFound].
func (s *ServerService) Get(ctx context.Context, ids ...int64) ([]Server, error) {
	return getServers(ctx, s.calls, ids...)
}

func getServers(ctx context.Context, calls *caller, ids ...int64) ([]Server, error) {
	return list(ctx, calls, "grid.server.get", idForm(ids...), newServerDecoder().server)
}

// ServerAdd describes a server to add.
type ServerAdd struct {
	// Name has at most 20 characters and need not be unique.
	Name string
	// Image is an id or a name.
	Image string
	// RAM is an id or name of the lookup "server.ram". A sandbox has a fixed
	// size: leave it empty there.
	RAM string
	// IP is a free public address of the account. It decides the datacenter.
	IP string
	// PrivateIP is a free private address of the same datacenter, or empty.
	PrivateIP   string
	Description string
	// Sandbox makes it a sandbox, on which an image is made.
	Sandbox bool
}

// Add asks for a server. The answer comes at once and without an id; the server
// is on minutes later (see [Watch.Server]).
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

// ServerEdit holds what to change; nil leaves a value alone. An empty
// description removes it. A server cannot be renamed.
type ServerEdit struct {
	RAM         *string
	Type        *string
	Description *string
}

// Edit changes a server. The answer shows the new values and the state
// Updating, whatever was changed.
func (s *ServerService) Edit(ctx context.Context, id int64, edit ServerEdit) (*Server, error) {
	form := idForm(id)
	setOptional(form, "server.ram", edit.RAM)
	setOptional(form, "server.type", edit.Type)
	setOptional(form, "description", edit.Description)
	return s.changeKnown(ctx, "grid.server.edit", id, form)
}

// PowerAction is a command to a server's power switch.
type PowerAction string

// The power commands. Off and restart are hard: the operating system is not
// asked to shut down.
const (
	PowerOn      PowerAction = "start"
	PowerOff     PowerAction = "stop"
	PowerRestart PowerAction = "restart"
)

// Power switches a server on or off or restarts it. The answer shows the server
// as it was before the command.
func (s *ServerService) Power(ctx context.Context, id int64, action PowerAction) (*Server, error) {
	form := idForm(id)
	form.Set("power", string(action))
	return s.changeKnown(ctx, "grid.server.power", id, form)
}

// Delete deletes a server, running or not. The answer shows it as it was; its
// addresses are free once it is gone from the list.
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
