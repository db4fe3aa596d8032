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

// guest is a session on a server. After a restart step, guest holds a new session.
type guest struct {
	communicator.Session

	session *session.Session
	server  client.Server
	limit   time.Duration // longest wait for a login, in real time
	target  communicator.Target
	options communicator.Options
}

// logIn logs in to a server that was switched on recently. If the login has
// neither a password nor a private key, logIn first waits for the server's entry
// in the password list. Then it waits for the server to answer. Each wait can last
// minutes after GoGrid shows the server as on.
func logIn(ctx context.Context, s *session.Session, server client.Server, login prepare.Login) (*guest, error) {
	g := &guest{
		session: s, server: server, limit: s.Guests.Limit(login.Timeout), target: s.Guests.Reach(login.Target),
		options: communicator.Options{
			Clock:      s.Clock,
			RetryDelay: min(s.Poll, loginPause),
			Secrets:    login.Secrets,
			Log:        func(ctx context.Context, line string) { tflog.Info(ctx, line) },
		},
	}
	ctx, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	g.target.Host = server.IP.Address
	if g.target.Password == "" && g.target.PrivateKey == "" {
		listed, err := machine.AwaitPassword(ctx, s, server.ID, g.target.Username, g.limit)
		if err != nil {
			return nil, err
		}
		g.target.Username, g.target.Password = listed.Username, listed.Password
	}
	err := machine.WhileExists(ctx, s, server, func(ctx context.Context) (err error) {
		g.Session, err = g.connect(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	g.target.HostKey = g.HostKey() // empty over WinRM
	return g, nil
}

// connect waits until the server accepts the login.
func (g *guest) connect(ctx context.Context) (communicator.Session, error) {
	return communicator.Connect(ctx, g.target, g.options)
}

// outputOf returns a function that logs the output of a command line by line. The
// session removes secrets from the output before it calls the function.
func outputOf(ctx context.Context, name string) func(string) {
	return func(line string) { tflog.Info(ctx, line, map[string]any{"command": name}) }
}
