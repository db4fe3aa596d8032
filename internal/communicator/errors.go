// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"errors"
	"fmt"
	"strings"
)

// permanentError is one that trying again does not mend.
type permanentError struct{ error }

// Unwrap returns the cause.
func (e *permanentError) Unwrap() error { return e.error }

// AuthError says that a server was reached and rejected the login.
type AuthError struct {
	// Account is the account and the server, Tried what was offered.
	Account, Tried string
	Err            error
}

// Error tells what was tried and what can be done.
func (e *AuthError) Error() string {
	return fmt.Sprintf("%s rejected the login with %s. The account may have another name or password there, or may not log in over the network (%v)", e.Account, e.Tried, e.Err)
}

// Unwrap returns the cause.
func (e *AuthError) Unwrap() error { return e.Err }

// HostKeyError says that a server showed another key than it must.
type HostKeyError struct {
	// Host is the server, Want and Got are fingerprints.
	Host      string
	Want, Got string
}

// Error names both keys.
func (e *HostKeyError) Error() string {
	return fmt.Sprintf("%s shows the host key %s, and it must be %s. Either this is another server than the one that is meant, "+
		"or its key was changed: find out which before you change host_key", e.Host, e.Got, e.Want)
}

// SourceChangedError says that a file is not what was to be uploaded.
type SourceChangedError struct {
	// Destination is where it was to go, Want and Got are sha256 in hex.
	Destination string
	Want, Got   string
}

// Error tells both digests.
func (e *SourceChangedError) Error() string {
	return fmt.Sprintf("what was to go to %s has the sha256 %s, and it must be %s: it was changed; nothing was left at the destination", e.Destination, e.Got, e.Want)
}

// ExitError is a command that ended with another code than 0.
type ExitError struct {
	// Name is the command, without secrets and shortened.
	Name string
	// Code is its exit code, Signal the signal that ended it, if one did.
	Code   int
	Signal string
	// Tail is the end of its output.
	Tail []string
}

// Error shows the command, how it ended, and the end of its output.
func (e *ExitError) Error() string {
	how := fmt.Sprintf("ended with code %d", e.Code)
	if e.Signal != "" {
		how = "was ended by signal " + e.Signal
	}
	if len(e.Tail) == 0 {
		return fmt.Sprintf("%q %s and printed nothing", e.Name, how)
	}
	return fmt.Sprintf("%q %s. The end of its output:\n\n  %s", e.Name, how, strings.Join(e.Tail, "\n  "))
}

// What can be wrong with a private key.
var (
	ErrNoKey             = errors.New("it is no private key: it must be the whole text of a key in PEM or OpenSSH form")
	ErrPassphraseMissing = errors.New("the private key is protected by a passphrase, and none is given")
	ErrPassphraseWrong   = errors.New("the passphrase does not open the private key")
)
