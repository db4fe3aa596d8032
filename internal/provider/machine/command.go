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

// command is one change to an existing server: how to send it and how to tell
// that it has been carried out.
type command struct {
	operation client.Operation
	send      func(context.Context) error
	// done tells from the server whether the change has been made; nil is a
	// server that is gone.
	done func(*client.Server) bool
	// needsJob is set where the server alone does not tell, as with a restart.
	needsJob bool
	// persists is set for a command that is sent again after its job has failed.
	persists bool
}

// sendCommand sends a command and waits until it has been carried out. The answer of a
// command only says that a job was made; one that meets a busy server fails
// minutes later in that job, and is then sent again once the server is idle. A
// look at the server decides whether the command succeeded, whatever answers
// and jobs say.
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
			now, done, lookErr := awaitOutcome(ctx, s, server, c)
			switch {
			case lookErr != nil:
				return nil, errors.Join(err, lookErr)
			case done:
				return now, nil
			}
			continue
		}
		var now *client.Server
		now, err = s.Client.Watch.Server(ctx, client.ServerWait{
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
			return now, err
		}
		now, done, lookErr := awaitOutcome(ctx, s, server, c)
		switch {
		case lookErr != nil:
			return nil, errors.Join(err, lookErr)
		case done:
			return now, nil
		case !busy(err) && !c.persists:
			return nil, err
		}
	}
	return nil, err
}

// awaitOutcome waits until a server has what a command asked for, or no job of the
// server is unfinished, and reports which of the two came. Where the server
// alone does not show it, done is never true.
func awaitOutcome(ctx context.Context, s *session.Session, server client.Server, c command) (now *client.Server, done bool, err error) {
	now, err = s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: c.operation,
		ID:        server.ID,
		Address:   server.IP.Address,
		Name:      server.Name,
		Done:      func(now *client.Server) bool { return !c.needsJob && c.done(now) },
		Job:       client.JobAny,
		Idle:      true,
	})
	return now, err == nil && !c.needsJob && c.done(now), err
}

// busy tells whether a job failed because the server had an unfinished one.
// The note is recorded traffic's.
func busy(err error) bool {
	var job *client.JobError
	return errors.As(err, &job) && strings.Contains(job.Reason, "already a pending request")
}

// Refetch returns the server as it is now, nil if it is proven that it is gone.
func Refetch(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	s.Client.Snapshot.Refresh(client.KindServers)
	if server.Pending() {
		return s.Client.Snapshot.AddedServer(ctx, server.Name, server.IP.Address)
	}
	return s.Client.Snapshot.Server(ctx, server.ID)
}

// IsSteady tells whether no job is under way as far as a server's state shows.
func IsSteady(server *client.Server) bool {
	return !server.Pending() && (server.State.Matches(client.StateOn) || server.State.Matches(client.StateOff))
}

// AwaitSteady waits until a server is neither being made nor changed.
func AwaitSteady(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	return s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: client.OperationEditServer,
		ID:        server.ID,
		Address:   server.IP.Address,
		Name:      server.Name,
		Done:      func(now *client.Server) bool { return now != nil && IsSteady(now) },
	})
}

// Edit changes RAM, type or description in place.
func Edit(ctx context.Context, s *session.Session, server client.Server, edit client.ServerEdit) (*client.Server, error) {
	return sendCommand(ctx, s, server, command{
		operation: client.OperationEditServer,
		send: func(ctx context.Context) error {
			_, err := s.Client.Servers.Edit(ctx, server.ID, edit)
			return err
		},
		done: func(now *client.Server) bool { return now != nil && IsSteady(now) && edited(*now, edit) },
	})
}

// edited tells whether a server has the values that an edit asked for.
func edited(server client.Server, edit client.ServerEdit) bool {
	return (edit.RAM == nil || server.RAM.Matches(*edit.RAM)) &&
		(edit.Type == nil || server.Type.Matches(*edit.Type)) &&
		(edit.Description == nil || server.Description == *edit.Description)
}

// SwitchPower switches a server on or off, or restarts it.
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
		done:     func(now *client.Server) bool { return now != nil && now.State.Matches(target) },
		needsJob: action == client.PowerRestart,
	})
}

// Delete deletes a server and waits until it is gone, so that what replaces
// it can have its addresses. The private one stays with whoever keeps it. A
// server that is still being made has no id to delete it by; it is waited for
// first. One that is gone already is no error.
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
			if now, lookErr := Refetch(ctx, s, server); lookErr == nil && now == nil {
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
		done: func(now *client.Server) bool { return now == nil },
	})
	freed = err == nil
	return err
}

// WhileThere waits for a change inside a server. The error is a
// [client.GoneError] if the server is proven to be gone meanwhile.
func WhileThere(ctx context.Context, s *session.Session, server client.Server, wait func(context.Context) error) error {
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
