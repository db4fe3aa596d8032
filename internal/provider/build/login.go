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

// loginPause is the longest pause between two login attempts.
const loginPause = 5 * time.Second

// logIn logs in to a server that was switched on recently. If the login has
// neither a password nor a private key, logIn first waits for the server's
// entry in the password list. Then it waits for the server to answer. Each wait
// can last minutes after GoGrid shows the server as on.
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

// outputOf returns a function that logs the output of a command line by line. The
// session removes secrets from the output before it calls the function.
func outputOf(ctx context.Context, name string) func(string) {
	return func(line string) { tflog.Info(ctx, line, map[string]any{"command": name}) }
}
