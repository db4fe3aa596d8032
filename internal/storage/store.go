// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

// cleanupTimeout bounds the removal of an unfinished upload after a failure.
const cleanupTimeout = 20 * time.Second

// Store is a client of one share. It connects on first use, reconnects after a
// lost connection, and closes a connection that has been unused for
// Options.Linger. Its methods may be called concurrently.
type Store struct {
	config  Config
	options Options

	sem         chan struct{} // acts as a mutex for the fields below; a caller can stop waiting when its ctx ends
	link        *link
	lingerTimer clockwork.Timer // closes an unused link; nil before the first release
}

// link is a connection to the share, shared by concurrent operations.
type link struct {
	driver driver
	stall  *stallTimer
	refs   int
	broken bool
}

// New returns a client of a share. It does not connect.
func New(config Config, options Options) *Store {
	return &Store{config: config.withDefaults(), options: options.withDefaults(), sem: make(chan struct{}, 1)}
}

// Where returns the URL of the share, without secrets.
func (s *Store) Where() string { return s.config.where("") }

// Close closes the connection. Operations in progress fail. The next operation
// connects again.
func (s *Store) Close() error {
	s.sem <- struct{}{}
	defer func() { <-s.sem }()
	s.closeLink()
	return nil
}

// closeLink closes the link. It must be called with sem held.
func (s *Store) closeLink() {
	if s.lingerTimer != nil {
		s.lingerTimer.Stop()
	}
	if s.link != nil {
		s.link.driver.close()
		s.link = nil
	}
}

// request describes one operation.
type request struct {
	verb string // for example "upload"
	path string
	// noRetry prevents a retry after a lost connection. It is set for
	// operations that may have taken effect and must not run twice.
	noRetry bool
}

// do runs an operation. If an existing connection is lost during the operation,
// do repeats the operation on a new connection, unless a.noRetry is set.
func (s *Store) do(ctx context.Context, a request, operation func(context.Context, driver) error) error {
	for {
		used, fresh, err := s.connect(ctx)
		if err != nil {
			return s.wrapError(a.verb, a.path, err)
		}
		guarded, stop := used.stall.guard(ctx, s.options.Idle)
		err = operation(guarded, used.driver)
		if cause := context.Cause(guarded); err != nil && cause != nil {
			err = cause
		}
		stop()
		s.release(used, errors.Is(err, ErrLost) || errors.Is(err, ErrSilent))
		if errors.Is(err, ErrLost) && !fresh && !a.noRetry && ctx.Err() == nil {
			s.options.Log(ctx, fmt.Sprintf("connecting to %s again: %v", s.Where(), err))
			continue
		}
		return s.wrapError(a.verb, a.path, err)
	}
}

// connect returns the link and reports whether the link is new. Only one caller
// connects; concurrent callers wait for that caller's link.
func (s *Store) connect(ctx context.Context) (*link, bool, error) {
	select {
	case s.sem <- struct{}{}:
		defer func() { <-s.sem }()
	case <-ctx.Done():
		return nil, false, context.Cause(ctx)
	}
	if s.lingerTimer != nil {
		s.lingerTimer.Stop()
	}
	fresh := s.link == nil
	if fresh {
		made, err := s.dial(ctx)
		if err != nil {
			return nil, false, err
		}
		s.link = made
	}
	s.link.refs++
	return s.link, fresh, nil
}

// dial connects and logs in, within the time limit Options.Handshake.
func (s *Store) dial(ctx context.Context) (*link, error) {
	ctx, stop := s.withTimeout(ctx, s.options.Handshake)
	defer stop()
	made := &link{stall: newStallTimer(s.options.Network)}
	var err error
	switch s.config.Protocol {
	case SMB:
		made.driver, err = dialSMB(ctx, s.config, s.options, made.stall)
	case SFTP:
		made.driver, err = dialSFTP(ctx, s.config, s.options, made.stall)
	default:
		err = fmt.Errorf("the protocol %q must be smb or sftp", s.config.Protocol)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, err
	}
	return made, nil
}

// withTimeout returns a context that is canceled with a stallError after limit
// on the network's clock. The caller must call the returned function to free
// the timer.
func (s *Store) withTimeout(ctx context.Context, limit time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := s.options.Network.AfterFunc(limit, func() { cancel(&stallError{limit}) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// release returns a link after use. A broken link is closed and never used again.
func (s *Store) release(used *link, broken bool) {
	s.sem <- struct{}{}
	defer func() { <-s.sem }()
	used.refs--
	if broken && !used.broken {
		used.broken = true
		used.driver.close()
		if s.link == used {
			s.link = nil
		}
	}
	if s.link == used && used.refs == 0 {
		s.lingerTimer = s.options.Clock.AfterFunc(s.options.Linger, func() { s.closeUnused(used) })
	}
}

// closeUnused closes a link unless an operation uses it.
func (s *Store) closeUnused(unused *link) {
	s.sem <- struct{}{}
	defer func() { <-s.sem }()
	if s.link == unused && unused.refs == 0 {
		s.closeLink()
	}
}
