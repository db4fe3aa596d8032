// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// command is one change to an existing server: how to send it, and how to
// recognise that GoGrid has carried it out.
type command struct {
	operation client.Operation
	send      func(context.Context) error
	// done reports whether a server shows the change. The argument is nil if
	// the server is gone.
	done func(*client.Server) bool
	// needsJob is true if only the job shows whether the command succeeded, as with a
	// restart.
	needsJob bool
	// persists is true if the command is sent again after its job has failed
	// for any reason. Other commands are sent again only if their job failed
	// because the server was busy.
	persists bool
}

// sendCommand sends a command, waits until GoGrid has carried it out, and
// returns the server. The response to a command shows only that GoGrid created
// a job. If the server is busy, the job fails minutes later; sendCommand then
// waits until the server is idle and sends the command again. After a lost
// response or a failed job, the state of the server decides whether the command
// succeeded.
func sendCommand(ctx context.Context, s *session.Session, server client.Server, c command) (*client.Server, error) {
	var err error
	for range session.MaxCommandTries {
		if err = ctx.Err(); err != nil {
			return nil, err
		}
		if err = c.send(context.WithoutCancel(ctx)); err != nil {
			if !client.IsOutcomeUnknown(err) && !client.IsNotFound(err) {
				return nil, err
			}
			current, done, fetchErr := awaitOutcome(ctx, s, server, c)
			switch {
			case fetchErr != nil:
				return nil, errors.Join(err, fetchErr)
			case done:
				return current, nil
			}
			continue
		}
		var current *client.Server
		current, err = s.Client.Watch.Server(ctx, client.ServerWait{
			Operation: c.operation,
			ID:        server.ID,
			Address:   server.IP.Address,
			Name:      server.Name,
			Done:      c.done,
			Job:       client.JobAny,
			NeedsJob:  c.needsJob,
		})
		var job *client.JobError
		if !errors.As(err, &job) {
			return current, err
		}
		current, done, fetchErr := awaitOutcome(ctx, s, server, c)
		switch {
		case fetchErr != nil:
			return nil, errors.Join(err, fetchErr)
		case done:
			return current, nil
		case !busy(err) && !c.persists:
			return nil, err
		}
	}
	return nil, err
}

// awaitOutcome waits until a server shows the change of a command, or has no
// unfinished job. done reports whether the server shows the change; it is always
// false for a command that needs its job.
func awaitOutcome(ctx context.Context, s *session.Session, server client.Server, c command) (current *client.Server, done bool, err error) {
	current, err = s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: c.operation,
		ID:        server.ID,
		Address:   server.IP.Address,
		Name:      server.Name,
		Done:      func(current *client.Server) bool { return !c.needsJob && c.done(current) },
		Job:       client.JobAny,
		Idle:      true,
	})
	return current, err == nil && !c.needsJob && c.done(current), err
}

// busy reports whether a job failed because the server had another unfinished
// job. The matched text comes from recorded traffic of the GoGrid API.
func busy(err error) bool {
	var job *client.JobError
	return errors.As(err, &job) && strings.Contains(job.Reason, "already a pending request")
}

// Refetch returns the current state of a server from a fresh list, or nil if the
// server is proven to be gone.
func Refetch(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	s.Client.Snapshot.Refresh(client.KindServers)
	if server.Pending() {
		return s.Client.Snapshot.AddedServer(ctx, server.Name, server.IP.Address)
	}
	return s.Client.Snapshot.Server(ctx, server.ID)
}

// IsSteady reports whether a server has an id and is On or Off, not in a state
// that shows a job in progress.
func IsSteady(server *client.Server) bool {
	return !server.Pending() && (server.State.Matches(client.StateOn) || server.State.Matches(client.StateOff))
}

// AwaitSteady waits until a server is steady, and returns it.
func AwaitSteady(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	return s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: client.OperationEditServer,
		ID:        server.ID,
		Address:   server.IP.Address,
		Name:      server.Name,
		Done:      func(current *client.Server) bool { return current != nil && IsSteady(current) },
	})
}

// Edit changes the RAM, type or description of a server in place. It waits until
// the server shows the new values, and returns it.
func Edit(ctx context.Context, s *session.Session, server client.Server, edit client.ServerEdit) (*client.Server, error) {
	return sendCommand(ctx, s, server, command{
		operation: client.OperationEditServer,
		send: func(ctx context.Context) error {
			_, err := s.Client.Servers.Edit(ctx, server.ID, edit)
			return err
		},
		done: func(current *client.Server) bool {
			return current != nil && IsSteady(current) && edited(*current, edit)
		},
	})
}

// edited reports whether a server has all values of an edit.
func edited(server client.Server, edit client.ServerEdit) bool {
	return (edit.RAM == nil || server.RAM.Matches(*edit.RAM)) &&
		(edit.Type == nil || server.Type.Matches(*edit.Type)) &&
		(edit.Description == nil || server.Description == *edit.Description)
}

// SwitchPower switches a server on or off, or restarts it. It waits for the result
// and returns the server.
func SwitchPower(ctx context.Context, s *session.Session, server client.Server, action client.PowerAction) (*client.Server, error) {
	target := client.StateOn
	if action == client.PowerOff {
		target = client.StateOff
	}
	return sendCommand(ctx, s, server, command{
		operation: client.OperationPowerServer,
		send: func(ctx context.Context) error {
			_, err := s.Client.Servers.Power(ctx, server.ID, action)
			return err
		},
		done:     func(current *client.Server) bool { return current != nil && current.State.Matches(target) },
		needsJob: action == client.PowerRestart,
	})
}

// Delete deletes a server and waits until it is gone, so that a replacement can
// get its addresses. The gogrid_private_ip that claimed the private address
// keeps its claim. While GoGrid creates a server, the server has no id and
// cannot be deleted, so Delete waits for the creation first. Delete returns nil
// if the server is already gone.
func Delete(ctx context.Context, s *session.Session, server client.Server) error {
	freed := false
	for _, address := range server.Addresses() {
		public := address == server.IP.Address
		if !public {
			s.Pool.Vacate(address)
		}
		done := s.Pool.Freeing(address)
		defer func() { done(freed && public) }()
	}
	if server.Pending() {
		made, err := AwaitCreated(ctx, s, client.OperationCreateServer, server)
		if NeverCreated(err) {
			if current, fetchErr := Refetch(ctx, s, server); fetchErr == nil && current == nil {
				freed = true
				return nil
			}
		}
		if err != nil {
			return err
		}
		server = *made
	}
	_, err := sendCommand(ctx, s, server, command{
		operation: client.OperationDeleteServer,
		persists:  true,
		send: func(ctx context.Context) error {
			_, err := s.Client.Servers.Delete(ctx, server.ID)
			return err
		},
		done: func(current *client.Server) bool { return current == nil },
	})
	freed = err == nil
	return err
}

// WhileExists calls wait, which waits for a change inside a server. It cancels
// the wait and returns a [client.GoneError] if the server is proven to be gone
// meanwhile.
func WhileExists(ctx context.Context, s *session.Session, server client.Server, wait func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	vanished := make(chan error, 1)
	go func() {
		_, err := s.Client.Watch.Server(watching, client.ServerWait{
			Operation: client.OperationKeepServer, ID: server.ID, Address: server.IP.Address, Name: server.Name,
			Done: func(*client.Server) bool { return false },
		})
		var gone *client.GoneError
		if errors.As(err, &gone) {
			cancel(err)
		} else {
			err = nil
		}
		vanished <- err
	}()
	err := wait(ctx)
	stop()
	if gone := <-vanished; gone != nil && err != nil {
		return gone
	}
	return err
}
