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

// AuthError says that a server rejected a login.
type AuthError struct {
	// Tried is the way to log in that was tried, Offered those that the server
	// names.
	Tried   Auth
	Offered []string
}

// Error tells what was tried and what the server would take.
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

// CertificateError says that a server's certificate is not trusted.
type CertificateError struct{ Err error }

// Error tells why, and what can be done.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("its certificate is not trusted: %v. Give the certificate of the authority that signed it, or its own where it signed itself", e.Err)
}

// Unwrap returns the cause.
func (e *CertificateError) Unwrap() error { return e.Err }

// SilenceError says that a server does not answer.
type SilenceError struct{ After time.Duration }

// Error tells how long was waited.
func (e *SilenceError) Error() string {
	return fmt.Sprintf("the server has not answered within %s", e.After)
}

// AnswerError says that an answer is not one of WS-Management.
type AnswerError struct {
	// Status is the HTTP status, Start the first bytes of the text.
	Status int
	Start  string
	Reason string
}

// Error shows the answer.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("HTTP %d with an answer that is not one of WS-Management (%s): %q. Is this the port of WinRM?", e.Status, e.Reason, e.Start)
}

// Fault is a refusal by the server.
type Fault struct {
	// Subcode is the name of the fault in WS-Management, for example
	// "AccessDenied", Code the number that Windows gives it; both may be empty.
	Subcode, Code string
	// Reason is the server's text.
	Reason string
}

// Error shows the server's text, and what to do where that is known.
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

var advices = map[string]string{
	"AccessDenied":     "the account must be an administrator on the server, or in its group Remote Management Users",
	"QuotaLimit":       "the server has too many shells open for this account: wait until one ends, or raise MaxShellsPerUser",
	"InvalidSelectors": "the shell is gone: the server was restarted, or its WinRM service was",
	"EncodingLimit":    "the message is larger than the server's MaxEnvelopeSizekb",
}

// codeTimedOut is the number that Windows gives to an operation that has nothing
// to tell in the time that it was given.
const codeTimedOut = "2150858793"

// isOutputTimeout tells whether a server only says that there is no output yet.
func isOutputTimeout(err error) bool {
	var fault *Fault
	return errors.As(err, &fault) && (fault.Code == codeTimedOut || fault.Subcode == "TimedOut")
}

// explain turns an error of the connection into one for people.
func explain(err error) error {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate):
		return &CertificateError{certificate.Err}
	case errors.As(err, &record):
		return fmt.Errorf("it does not speak TLS there: the HTTPS listener of WinRM is usually on port 5986: %w", err)
	}
	return err
}
