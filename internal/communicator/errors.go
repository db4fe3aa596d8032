// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm"
)

// permanentError marks an error that a retry cannot fix.
type permanentError struct{ error }

// Unwrap returns the cause.
func (e *permanentError) Unwrap() error { return e.error }

// AuthError reports that a server was reached and rejected the login.
type AuthError struct {
	// Account names the account and the server, as in "root@192.0.2.1:22".
	Account string
	// Tried names the credentials, such as "the private key".
	Tried string
	Err   error
}

// Error names the credentials that were tried and what to check.
func (e *AuthError) Error() string {
	return fmt.Sprintf("%s rejected the login with %s. The account may have another name or password there, or may not log in over the network (%v)", e.Account, e.Tried, e.Err)
}

// Unwrap returns the cause.
func (e *AuthError) Unwrap() error { return e.Err }

// HostKeyError reports that a server presented a host key that is not trusted.
type HostKeyError struct {
	// Host is the address of the server.
	Host string
	// Want and Got are fingerprints.
	Want, Got string
}

// Error names both keys and what to check.
func (e *HostKeyError) Error() string {
	return fmt.Sprintf("%s shows the host key %s, but it must be %s. Either this is not the intended server, "+
		"or its key was changed: find out which before you change host_key", e.Host, e.Got, e.Want)
}

// SourceChangedError reports that the content of an upload does not have the
// expected digest.
type SourceChangedError struct {
	// Destination is the path on the server.
	Destination string
	// Want and Got are SHA-256 digests in hex.
	Want, Got string
}

// Error names both digests.
func (e *SourceChangedError) Error() string {
	return fmt.Sprintf("the source for %s was changed: its sha256 is %s, but it must be %s; no file was left at the destination", e.Destination, e.Got, e.Want)
}

// ExitError reports that a command failed: it ended with an exit code other
// than 0, or by a signal.
type ExitError struct {
	// Name is the command, shortened and without secrets.
	Name string
	// Code is the exit code of the command.
	Code int
	// Signal is the signal that ended the command; empty if it exited by itself.
	Signal string
	// Tail holds the last lines of the output, without secrets.
	Tail []string
}

// Killed reports whether the command was killed. A shell then returns 128 plus the
// number of the signal, and Windows returns a large code.
func (e *ExitError) Killed() bool { return e.Signal != "" || e.Code > 128 }

// Terminated reports whether the command ended by SIGTERM or SIGHUP, which a shutdown
// of the operating system sends to all processes.
func (e *ExitError) Terminated() bool {
	return e.Signal == "TERM" || e.Signal == "HUP" || e.Code == 128+15 || e.Code == 128+1
}

// Error names the command, its exit code or signal, and the last lines of its
// output.
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

// lostError reports that the connection to a server broke while a command ran.
type lostError struct {
	name    string // the command, shortened and without secrets
	address string
	idle    time.Duration // a server that is silent for longer counts as lost
	err     error
}

func (e *lostError) Error() string {
	return fmt.Sprintf("run %q: the connection to %s was lost; a server that gives no sign of life for %s counts as lost: %v", e.name, e.address, e.idle, e.err)
}

func (e *lostError) Unwrap() error { return e.err }

// IsConnectionLost reports whether an error of a Session shows that the connection
// broke or that the server became silent, as during a restart. It is false if the
// context ended the call.
func IsConnectionLost(err error) bool {
	var lost *lostError
	var step *StepError
	return errors.As(err, &lost) || errors.As(err, &step) && step.Err == nil || winrm.IsConnectionLost(err)
}

// NoShellError says that a server accepted a login but did not run the command: no
// shell of the server answered.
type NoShellError struct {
	// Account names the account and the server, as in "root@192.0.2.1:22".
	Account string
	// Name is the command, shortened and without secrets.
	Name string
	// End says how the session ended, for example "ended with code 0".
	End string
	// Output holds what the server sent instead, without secrets.
	Output []string
}

// Error quotes what the server sent and names the usual reasons.
func (e *NoShellError) Error() string {
	sent := "printed nothing"
	if len(e.Output) > 0 {
		sent = "printed:\n\n  " + strings.Join(e.Output, "\n  ") + "\n\n"
	}
	if !strings.HasSuffix(sent, "\n") {
		sent += ". "
	}
	return fmt.Sprintf("%s accepted the login, but did not run %q: instead of a shell, the server %s and %s"+
		"The server may still be starting, or the account may have a forced command or a login shell that runs no commands (its entry in /etc/passwd shows the shell)",
		e.Account, e.Name, e.End, sent)
}

// Errors of CheckPrivateKey.
var (
	ErrNoKey             = errors.New("the text is no private key: it must be the whole text of a key in PEM or OpenSSH form")
	ErrPassphraseMissing = errors.New("the private key is protected by a passphrase, and none is given")
	ErrPassphraseWrong   = errors.New("the passphrase does not open the private key")
)
