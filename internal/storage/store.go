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

// farewell bounds cleaning up after an operation that has failed.
const cleanupTimeout = 20 * time.Second

// Store is a share. It connects when it is first used, connects again after a
// connection was lost, and leaves when nobody has used it for a while. It may
// be used by many at a time.
type Store struct {
	config  Config
	options Options

	sem         chan struct{} // held by who looks at or changes what follows
	link        *link
	lingerTimer clockwork.Timer // ends an unused link
}

// link is a connection and who uses it.
type link struct {
	driver driver
	stall  *stallTimer
	refs   int
	broken bool
}

// New returns a share. It does not connect.
func New(config Config, options Options) *Store {
	return &Store{config: config.withDefaults(), options: options.withDefaults(), sem: make(chan struct{}, 1)}
}

// Where names the share, without secrets.
func (s *Store) Where() string { return s.config.where("") }

// Close ends the connection. Operations that are under way fail. The share may
// be used again.
func (s *Store) Close() error {
	s.sem <- struct{}{}
	defer func() { <-s.sem }()
	s.closeLink()
	return nil
}

// hangUp ends the link; the lock is held.
func (s *Store) closeLink() {
	if s.lingerTimer != nil {
		s.lingerTimer.Stop()
	}
	if s.link != nil {
		s.link.driver.close()
		s.link = nil
	}
}

// attempt is one operation.
type request struct {
	verb string // for example "uploading"
	path string
	// once is set where it is not known after a lost connection what became of
	// the operation, and doing it again would do harm.
	noRetry bool
}

// do runs an operation. When the connection that it found has been lost since
// it was last used, the operation is begun again on a new one.
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

// connect returns the link, and whether it is new. One connects while the
// others wait for it.
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

// dial connects and logs in within the time for it.
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
		err = fmt.Errorf("the protocol %q is unknown: it must be smb or sftp", s.config.Protocol)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, err
	}
	return made, nil
}

// within ends a context after so long on the network's clock.
func (s *Store) withTimeout(ctx context.Context, limit time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := s.options.Network.AfterFunc(limit, func() { cancel(&stallError{limit}) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// release gives a link back. A broken one is used by nobody any more.
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

// leave ends a link that nobody uses.
func (s *Store) closeUnused(unused *link) {
	s.sem <- struct{}{}
	defer func() { <-s.sem }()
	if s.link == unused && unused.refs == 0 {
		s.closeLink()
	}
}
