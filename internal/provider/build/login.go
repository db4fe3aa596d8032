// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// loginPause is the longest pause between two tries to log in.
const loginPause = 5 * time.Second

// logIn logs in to a server that was switched on lately: it waits for the
// password, where none is given, and for the server to answer. Both come some
// minutes after GoGrid shows the server as on.
func logIn(ctx context.Context, s *session.Session, server client.Server, login prepare.Login) (communicator.Session, error) {
	limit := s.Guests.Limit(login.Timeout)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	target := s.Guests.Reach(login.Target)
	target.Host = server.IP.Address
	if target.Password == "" && target.PrivateKey == "" {
		listed, err := machine.AwaitPassword(ctx, s, server.ID, target.Username, limit)
		if err != nil {
			return nil, err
		}
		target.Username, target.Password = listed.Username, listed.Password
	}
	var session communicator.Session
	err := machine.WhileExists(ctx, s, server, func(ctx context.Context) (err error) {
		session, err = communicator.Connect(ctx, target, communicator.Options{
			Clock:      s.Clock,
			RetryDelay: min(s.Poll, loginPause),
			Secrets:    login.Secrets,
			Log:        func(ctx context.Context, line string) { tflog.Info(ctx, line) },
		})
		return err
	})
	return session, err
}

// outputOf is where the output of a command in a server goes: to the log, line
// by line. A session leaves its secrets out of it.
func outputOf(ctx context.Context, name string) func(string) {
	return func(line string) { tflog.Info(ctx, line, map[string]any{"command": name}) }
}
