// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxRejections is the number of rejected logins in a row after which Connect
// gives up. A server that boots answers before its accounts are set up, so the
// first rejections prove nothing; but a wrong password must not cost the whole
// deadline.
const maxRejections = 4

// Dial logs in once. The session must be closed.
func Dial(ctx context.Context, target Target, options Options) (Session, error) {
	target, options = target.WithDefaults(), options.WithDefaults()
	switch target.Protocol {
	case SSH, "":
		return dialSSH(ctx, target, options)
	case WinRM:
		return dialWindows(ctx, target, options)
	}
	return nil, &permanentError{fmt.Errorf("log in to %s: protocol %q must be ssh or winrm", target, target.Protocol)}
}

// Connect logs in to a server that may still be booting. It retries until a
// login succeeds, ctx ends, or an error shows that a retry cannot succeed.
func Connect(ctx context.Context, target Target, options Options) (Session, error) {
	target, options = target.WithDefaults(), options.WithDefaults()
	started, rejections := options.Clock.Now(), 0
	for {
		session, err := Dial(ctx, target, options)
		if err == nil {
			options.Log(ctx, "logged in to "+target.String())
			return session, nil
		}
		var rejected *AuthError
		if errors.As(err, &rejected) {
			rejections++
		} else {
			rejections = 0
		}
		var permanent *permanentError
		if errors.As(err, &permanent) || rejections >= maxRejections {
			return nil, err
		}
		options.Log(ctx, fmt.Sprintf("waiting for %s: %v", target, err))
		select {
		case <-options.Clock.After(options.RetryDelay):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("log in to %s: did not succeed within %s: %w; the last attempt: %w",
				target, options.Clock.Since(started).Round(time.Second), ctx.Err(), err)
		}
	}
}
