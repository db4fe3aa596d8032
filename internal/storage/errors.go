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
	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// Kinds of errors, for errors.Is. Operations also return fs.ErrNotExist, fs.ErrExist
// and fs.ErrPermission, and the errors of a login over SSH.
var (
	// ErrUnreachable is returned if no connection could be opened.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrSilent is returned if a server accepted a connection or a request and did
	// not answer in time.
	ErrSilent = errors.New("the server does not answer")
	// ErrLost is returned if a connection broke.
	ErrLost = errors.New("the connection was lost")
	// ErrForeign is returned if the server speaks another protocol.
	ErrForeign = errors.New("the server speaks another protocol")
	// ErrLogin is returned if the user name or password was rejected.
	ErrLogin = errors.New("the user name or password was rejected")
	// ErrNoShare is returned if the share does not exist.
	ErrNoShare = errors.New("there is no such share")
	// ErrNoSpace is returned if the share is full.
	ErrNoSpace = errors.New("there is no space left on the share")
	// ErrOtherContent is returned if the file exists with different content and
	// must not be replaced.
	ErrOtherContent = errors.New("the file exists with different content")
	// ErrTooLarge is returned if a file exceeds the limit that the caller set for
	// a read.
	ErrTooLarge = errors.New("the file is larger than allowed")
	// ErrBusy is returned if another process has a file open.
	ErrBusy = errors.New("another process has the file open")
)

// IsOutage reports whether an error means that the server is currently unusable
// for any operation.
func IsOutage(err error) bool {
	return errors.Is(err, ErrUnreachable) || errors.Is(err, ErrSilent) || errors.Is(err, ErrLost) || errors.Is(err, ErrForeign)
}

// Error is the error of an operation on a share or a file.
type Error struct {
	// Operation is the failed operation, for example "upload".
	Operation string
	// Where is the URL of the share or of a file on it.
	Where string
	// Kind is one of the kinds above, or nil if none applies.
	Kind error
	// Err is the error of the server or the system.
	Err error

	advice string // a sentence without its period; may be empty
}

// Error returns the operation, the location, the cause and advice. The text is safe to
// show, although part of it comes from the server.
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
	return untrusted.Text(text)
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Err}
	}
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// DigestError is returned if the content of an upload does not have the expected
// digest. The file on the share is unchanged.
type DigestError struct {
	// Want and Got are SHA-256 digests in hex.
	Want, Got string
}

// Error returns both digests.
func (e *DigestError) Error() string {
	return fmt.Sprintf("the SHA-256 of the content is %s, but must be %s: the content was changed; nothing was uploaded", e.Got, e.Want)
}

// stallError is the cause of a context that was cancelled because the server showed
// no activity for limit.
type stallError struct{ limit time.Duration }

func (s *stallError) Error() string { return fmt.Sprintf("no activity for %s", s.limit) }

func (s *stallError) Is(target error) bool { return target == ErrSilent }

// wrapError returns err as an *Error with its kind and advice. It returns nil for
// nil, and an *Error unchanged.
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

// advice returns the likely cause or the next step for an error, without a period.
func (s *Store) advice(err *Error) string {
	is := func(kind error) bool { return errors.Is(err.Kind, kind) }
	switch {
	case is(ErrSilent):
		return "The server may be overloaded or frozen, or a firewall may drop the packets"
	case is(ErrLogin):
		return fmt.Sprintf("The account is %q; the GoGrid portal lists its password under Cloud Storage", s.config.Username)
	case is(ErrNoShare):
		return "On GoGrid, the name of the share is the name of the account"
	case is(ErrForeign):
		return fmt.Sprintf("Check host, port and protocol (now %s)", s.config.Protocol)
	case is(ErrUnreachable):
		return "Cloud Storage is reachable only on the private network; from elsewhere, use a bastion"
	case is(fs.ErrPermission):
		return fmt.Sprintf("The account %q does not have the required permission", s.config.Username)
	}
	return ""
}

// kindOf returns the kind of a driver's error, or nil if none applies.
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
