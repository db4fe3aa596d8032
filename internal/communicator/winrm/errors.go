// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"
)

// AuthError reports that a server rejected a login.
type AuthError struct {
	// Tried is the authentication method of the login.
	Tried Auth
	// Offered are the authentication schemes that the server names.
	Offered []string
}

// Error names the method that was tried and the schemes that the server offers.
func (e *AuthError) Error() string {
	offered := "no way to log in"
	if len(e.Offered) > 0 {
		offered = strings.Join(e.Offered, ", ")
	}
	tried := "NTLM"
	if e.Tried == AuthBasic {
		tried = "Basic"
	}
	return fmt.Sprintf("HTTP 401 to %s; the server offers %s", tried, offered)
}

// CertificateError reports that a server's certificate is not trusted.
type CertificateError struct{ Err error }

// Error names the cause and the certificate to configure.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("its certificate is not trusted: %v. Give the certificate of the authority that signed it, or the certificate itself if it is self-signed", e.Err)
}

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// SilenceError reports that a server does not answer.
type SilenceError struct {
	After time.Duration
	// Step names what the server has not answered, for example "create a shell:
	// TLS handshake". It may be empty.
	Step string
}

// Error names the time that the client has waited, and the step.
func (e *SilenceError) Error() string {
	text := fmt.Sprintf("the server has not answered within %s", e.After)
	if e.Step != "" {
		text += fmt.Sprintf(", in the step %q", e.Step)
	}
	return text
}

// cutShort returns the error of a step that was ended by a cause.
func cutShort(step string, cause error) error {
	var silent *SilenceError
	if errors.As(cause, &silent) {
		return &SilenceError{After: silent.After, Step: step}
	}
	return fmt.Errorf("the server had not answered when the wait ended, in the step %q: %w", step, cause)
}

// connectionError reports that a connection broke or could not be opened.
type connectionError struct{ err error }

func (e *connectionError) Error() string { return e.err.Error() }
func (e *connectionError) Unwrap() error { return e.err }

// IsConnectionLost reports whether an error shows that the connection broke, that the
// server became silent, or that the server does not know the shell any more. A restart
// of the server causes these errors.
func IsConnectionLost(err error) bool {
	var broken *connectionError
	var silent *SilenceError
	var fault *Fault
	return errors.As(err, &broken) || errors.As(err, &silent) || errors.As(err, &fault) && fault.Subcode == shellGone
}

// AnswerError reports that an HTTP response is not a WS-Management message.
type AnswerError struct {
	// Status is the HTTP status.
	Status int
	// Start holds the first bytes of the body.
	Start string
	// Reason says what is wrong with the response.
	Reason string
}

// Error shows the status, the reason and the start of the body.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("HTTP %d, but the answer is not a WS-Management message (%s): %q. Is this the port of WinRM?", e.Status, e.Reason, e.Start)
}

// Fault is an error message of the server.
type Fault struct {
	// Subcode is the name of the fault in WS-Management, for example
	// "AccessDenied". It may be empty.
	Subcode string
	// Code is the error number of Windows. It may be empty.
	Code string
	// Reason is the text of the server.
	Reason string
}

// Error shows the text of the server and, for some faults, what to do.
func (e *Fault) Error() string {
	name := strings.TrimSpace(e.Subcode + " " + e.Code)
	if name == "" {
		name = "fault"
	}
	text := fmt.Sprintf("%s: %s", name, e.Reason)
	if advice := advices[e.Subcode]; advice != "" {
		text += " (" + advice + ")"
	}
	return text
}

// shellGone is the fault that a server returns if it does not know the shell of a
// message.
const shellGone = "InvalidSelectors"

var advices = map[string]string{
	"AccessDenied":  "the account must be an administrator on the server, or in its group Remote Management Users",
	"QuotaLimit":    "the server has too many shells open for this account: wait until one ends, or raise MaxShellsPerUser",
	shellGone:       "the shell is gone: the server or its WinRM service was restarted",
	"EncodingLimit": "the message is larger than the server's MaxEnvelopeSizekb",
}

// codeTimedOut is the error number of Windows for an operation that has no
// result within its OperationTimeout.
const codeTimedOut = "2150858793"

// isOutputTimeout reports whether an error only says that there is no output yet.
func isOutputTimeout(err error) bool {
	var fault *Fault
	return errors.As(err, &fault) && (fault.Code == codeTimedOut || fault.Subcode == "TimedOut")
}

// explain adds the likely cause to a connection error.
func explain(err error) error {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate):
		return &CertificateError{certificate.Err}
	case errors.As(err, &record):
		return fmt.Errorf("the server does not speak TLS there: the HTTPS listener of WinRM is usually on port 5986: %w", err)
	}
	return err
}
