// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// loginPause is the longest pause between two tries to log in.
const loginPause = 5 * time.Second

// logIn logs in to a server that was switched on lately: it waits for the
// password, where none is given, and for the server to answer. Both come some
// minutes after GoGrid shows the server as on.
func (s *session) logIn(ctx context.Context, server client.Server, how login) (communicator.Session, error) {
	limit := s.guests.limit(how.timeout)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	target := s.guests.reach(how.target)
	target.Host = server.IP.Address
	if target.Password == "" && target.PrivateKey == "" {
		listed, err := s.awaitPassword(ctx, server.ID, target.Username, limit)
		if err != nil {
			return nil, err
		}
		target.Username, target.Password = listed.Username, listed.Password
	}
	var session communicator.Session
	err := s.whileThere(ctx, server, func(ctx context.Context) (err error) {
		session, err = communicator.Connect(ctx, target, communicator.Options{
			Clock:      s.clock,
			RetryDelay: min(s.poll, loginPause),
			Secrets:    how.secrets,
			Log:        func(ctx context.Context, line string) { tflog.Info(ctx, line) },
		})
		return err
	})
	return session, err
}

// outputOf is where the output of a command in a server goes: to the log, line
// by line. A session leaves its secrets out of it.
func (s *session) outputOf(ctx context.Context, name string) func(string) {
	return func(line string) { tflog.Info(ctx, line, map[string]any{"command": name}) }
}

// maxScript is the size of the largest script that is run, in bytes.
const maxScript = 1 << 20

// read is the content of a script, which must still be what it was when the
// recipe was read.
func (f recipeFile) read() (string, error) {
	content, err := f.open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, maxScript+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxScript {
		return "", fmt.Errorf("script %s is larger than 1 MiB; upload it with files and run it with a command", f.source)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.sha256 {
		return "", fmt.Errorf("script %s was changed since it was planned; plan again, and the image is made from what it holds then", f.source)
	}
	return string(text), nil
}
