// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"fmt"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// AnyAccount makes AwaitPassword select the first password of a server,
// whatever its account.
const AnyAccount = ""

// AwaitPassword polls the password list until it has the password of an account
// on the server. It returns an error if limit passes or the server does not
// exist.
func AwaitPassword(ctx context.Context, s *session.Session, server int64, account string, limit time.Duration) (*client.Password, error) {
	start := s.Clock.Now()
	for {
		passwords, err := s.Client.Passwords.List(ctx, "")
		if err != nil {
			return nil, err
		}
		for _, password := range passwords {
			if password.Server != nil && password.Server.ID == server && (account == AnyAccount || password.Username == account) {
				return &password, nil
			}
		}
		found, err := Refetch(ctx, s, client.Server{ID: server})
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, fmt.Errorf("there is no longer a server with the id %d", server)
		}
		if waited := s.Clock.Since(start); waited >= limit {
			return nil, noPassword(*found, account, waited)
		}
		select {
		case <-s.Clock.After(s.Poll):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func noPassword(server client.Server, account string, waited time.Duration) error {
	of := ""
	if account != AnyAccount {
		of = fmt.Sprintf(" of the account %q", account)
	}
	return fmt.Errorf("GoGrid has recorded no password%s for %s after %s; GoGrid may record it later, or it was removed in the portal. GoGrid records only the password of the administrator", of, Describe(server), waited.Round(time.Second))
}
