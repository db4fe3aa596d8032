// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// What can go wrong, for errors.Is. Besides these there are fs.ErrNotExist,
// fs.ErrExist and fs.ErrPermission, and the errors of a login over SSH.
var (
	// ErrUnreachable says that no connection came about.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrSilent says that a server took a connection or a question and did not
	// answer in time.
	ErrSilent = errors.New("the server does not answer")
	// ErrLost says that a connection broke.
	ErrLost = errors.New("the connection was lost")
	// ErrForeign says that what answers speaks another protocol.
	ErrForeign = errors.New("what answers does not speak the protocol")
	// ErrLogin says that the user name or password was rejected.
	ErrLogin = errors.New("the user name or password was rejected")
	// ErrNoShare says that there is no such share.
	ErrNoShare = errors.New("there is no such share")
	// ErrNoSpace says that the share is full.
	ErrNoSpace = errors.New("there is no space left on the share")
	// ErrOtherContent says that a file is there already, with another content.
	ErrOtherContent = errors.New("a file with another content is there")
	// ErrTooLarge says that a file is larger than whoever reads it allows.
	ErrTooLarge = errors.New("it is larger than it may be")
	// ErrBusy says that somebody else has a file open.
	ErrBusy = errors.New("somebody else has the file open")
)

// IsOutage tells whether an error is about a server that cannot be spoken to
// now, and not about what was asked of it.
func IsOutage(err error) bool {
	return errors.Is(err, ErrUnreachable) || errors.Is(err, ErrSilent) || errors.Is(err, ErrLost) || errors.Is(err, ErrForeign)
}

// Error is what went wrong with a share or a file on it.
type Error struct {
	// Doing is what was tried, for example "uploading".
	Operation string
	// Where is the share, or the path on it.
	Where string
	// Kind is one of the errors above, nil where none fits.
	Kind error
	// Err is what the server or the system said.
	Err error

	advice string
}

// Error tells what was tried, what happened and what to look at.
func (e *Error) Error() string {
	text := e.Operation + " " + e.Where + ": "
	switch {
	case e.Kind == nil:
		text += e.Err.Error()
	case e.Err == nil:
		text += e.Kind.Error()
	case strings.HasPrefix(e.Err.Error(), e.Kind.Error()):
		text += e.Err.Error()
	default:
		text += fmt.Sprintf("%v (%v)", e.Kind, e.Err)
	}
	if e.advice != "" {
		text += ". " + e.advice
	}
	return text
}

// Unwrap gives access to the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Err}
	}
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// DigestError says that a content is not what it should have been. Nothing of
// it is on the share.
type DigestError struct {
	// Want and Got are sha256 in hex.
	Want, Got string
}

// Error tells both digests.
func (e *DigestError) Error() string {
	return fmt.Sprintf("the content has the sha256 %s, and it must be %s: it was changed; nothing was put in place", e.Got, e.Want)
}

// silence is the cause of a context that ended because a server gave no sign of
// life.
type stallError struct{ limit time.Duration }

func (s *stallError) Error() string { return fmt.Sprintf("no sign of life for %s", s.limit) }

func (s *stallError) Is(target error) bool { return target == ErrSilent }

// explain makes an error of this package.
func (s *Store) wrapError(operation, path string, err error) error {
	var already *Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	wrapped := &Error{Operation: operation, Where: s.config.where(path), Err: err}
	var stalled *stallError
	var rejected *communicator.AuthError
	switch {
	case errors.As(err, &stalled):
		wrapped.Kind, wrapped.Err = ErrSilent, stalled
	case errors.As(err, &rejected):
		wrapped.Kind = ErrLogin
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	default:
		wrapped.Kind = kindOf(err)
	}
	wrapped.advice = s.advice(wrapped)
	return wrapped
}

// advice is what may be wrong where the error itself does not say it.
func (s *Store) advice(err *Error) string {
	is := func(kind error) bool { return errors.Is(err.Kind, kind) }
	switch {
	case is(ErrSilent):
		return "It may be overloaded or frozen, or something on the way drops what is sent"
	case is(ErrLogin):
		return fmt.Sprintf("The account is %q; GoGrid lists its password as that of Cloud Storage", s.config.Username)
	case is(ErrNoShare):
		return "On GoGrid the share is called like the account"
	case is(ErrForeign):
		return fmt.Sprintf("Check host, port and protocol, which is %s", s.config.Protocol)
	case is(ErrUnreachable):
		return "Cloud Storage answers on the private network only: from elsewhere it is reached through a bastion"
	case is(fs.ErrPermission):
		return fmt.Sprintf("The account %q may not do that there", s.config.Username)
	}
	return ""
}

// kindOf finds the kind of an error of a driver.
func kindOf(err error) error {
	for _, kind := range []error{
		ErrLogin, ErrNoShare, ErrNoSpace, ErrForeign, ErrUnreachable, ErrSilent, ErrLost, ErrOtherContent, ErrTooLarge, ErrBusy,
		fs.ErrNotExist, fs.ErrExist, fs.ErrPermission,
	} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}
