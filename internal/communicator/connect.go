// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxRejections is how often in a row a login may be rejected. A server that
// boots sets its accounts up after it answers, so the first may be early; but
// with a wrong password nobody wants to wait for the deadline.
const maxRejections = 4

// Dial logs in once.
func Dial(ctx context.Context, target Target, options Options) (Session, error) {
	target, options = target.WithDefaults(), options.withDefaults()
	switch target.Protocol {
	case SSH, "":
		return dialSSH(ctx, target, options)
	case WinRM:
		return dialWindows(ctx, target, options)
	}
	return nil, &permanentError{fmt.Errorf("logging in to %s: the protocol %q is unknown: it must be ssh or winrm", target, target.Protocol)}
}

// Connect logs in to a server that may still be booting: it tries again until
// it succeeds, ctx ends, or trying again is of no use.
func Connect(ctx context.Context, target Target, options Options) (Session, error) {
	target, options = target.WithDefaults(), options.withDefaults()
	begun, rejections := options.Clock.Now(), 0
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
			return nil, fmt.Errorf("logging in to %s did not succeed within %s: %w; the last try: %w",
				target, options.Clock.Since(begun).Round(time.Second), ctx.Err(), err)
		}
	}
}
