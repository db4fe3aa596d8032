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
const farewell = 20 * time.Second

// Store is a share. It connects when it is first used, connects again after a
// connection was lost, and leaves when nobody has used it for a while. It may
// be used by many at a time.
type Store struct {
	config  Config
	options Options

	lock chan struct{} // held by who looks at or changes what follows
	link *link
	left clockwork.Timer // ends an unused link
}

// link is a connection and who uses it.
type link struct {
	driver driver
	pulse  *pulse
	users  int
	broken bool
}

// New returns a share. It does not connect.
func New(config Config, options Options) *Store {
	return &Store{config: config.withDefaults(), options: options.withDefaults(), lock: make(chan struct{}, 1)}
}

// Where names the share, without secrets.
func (s *Store) Where() string { return s.config.where("") }

// Close ends the connection. Operations that are under way fail. The share may
// be used again.
func (s *Store) Close() error {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	s.hangUp()
	return nil
}

// hangUp ends the link; the lock is held.
func (s *Store) hangUp() {
	if s.left != nil {
		s.left.Stop()
	}
	if s.link != nil {
		s.link.driver.close()
		s.link = nil
	}
}

// attempt is one operation.
type attempt struct {
	doing string // for example "uploading"
	path  string
	// once is set where it is not known after a lost connection what became of
	// the operation, and doing it again would do harm.
	once bool
}

// do runs an operation. When the connection that it found has been lost since
// it was last used, the operation is begun again on a new one.
func (s *Store) do(ctx context.Context, a attempt, operation func(context.Context, driver) error) error {
	for {
		used, fresh, err := s.connect(ctx)
		if err != nil {
			return s.explain(a.doing, a.path, err)
		}
		guarded, stop := used.pulse.guard(ctx, s.options.Idle)
		err = operation(guarded, used.driver)
		if cause := context.Cause(guarded); err != nil && cause != nil {
			err = cause
		}
		stop()
		s.release(used, errors.Is(err, ErrLost) || errors.Is(err, ErrSilent))
		if errors.Is(err, ErrLost) && !fresh && !a.once && ctx.Err() == nil {
			s.options.Log(ctx, fmt.Sprintf("connecting to %s again: %v", s.Where(), err))
			continue
		}
		return s.explain(a.doing, a.path, err)
	}
}

// connect returns the link, and whether it is new. One connects while the
// others wait for it.
func (s *Store) connect(ctx context.Context) (*link, bool, error) {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return nil, false, context.Cause(ctx)
	}
	if s.left != nil {
		s.left.Stop()
	}
	fresh := s.link == nil
	if fresh {
		made, err := s.dial(ctx)
		if err != nil {
			return nil, false, err
		}
		s.link = made
	}
	s.link.users++
	return s.link, fresh, nil
}

// dial connects and logs in within the time for it.
func (s *Store) dial(ctx context.Context) (*link, error) {
	ctx, stop := s.within(ctx, s.options.Handshake)
	defer stop()
	made := &link{pulse: newPulse(s.options.Network)}
	var err error
	switch s.config.Protocol {
	case SMB:
		made.driver, err = dialSMB(ctx, s.config, s.options, made.pulse)
	case SFTP:
		made.driver, err = dialSFTP(ctx, s.config, s.options, made.pulse)
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
func (s *Store) within(ctx context.Context, limit time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := s.options.Network.AfterFunc(limit, func() { cancel(&silence{limit}) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// release gives a link back. A broken one is used by nobody any more.
func (s *Store) release(used *link, broken bool) {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	used.users--
	if broken && !used.broken {
		used.broken = true
		used.driver.close()
		if s.link == used {
			s.link = nil
		}
	}
	if s.link == used && used.users == 0 {
		s.left = s.options.Clock.AfterFunc(s.options.Linger, func() { s.leave(used) })
	}
}

// leave ends a link that nobody uses.
func (s *Store) leave(unused *link) {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	if s.link == unused && unused.users == 0 {
		s.hangUp()
	}
}
