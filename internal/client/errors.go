// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a call that failed: refused by the service, or not answered as it
// should. Its text and fields hold no secret.
type Error struct {
	// Method is the called method, such as "grid.server.add".
	Method string
	// Status is the HTTP status, 0 if no answer arrived.
	Status int
	// Code is the service's error code such as "IllegalArgumentException", or
	// that of the proxy in front of it; often empty.
	Code string
	// Message is the service's own text, empty if it gave none.
	Message string
	// Body is the beginning (200 bytes) of an answer that was not understood.
	Body string
	// RetryAfter is how long the service asked to wait, 0 if it did not say.
	RetryAfter time.Duration

	kind           errorKind
	outcomeUnknown bool
	cause          error
}

// errorKind is what became of a call that failed.
type errorKind int

const (
	kindRefused   errorKind = iota // the service said no
	kindThrottled                  // the service said not so fast
	kindBroken                     // the answer is not what the API answers
	kindUnsent                     // the request did not reach the service
	kindUnknown                    // the request was sent, no answer arrived
)

// Error tells what was called, what came back and what can be done.
func (e *Error) Error() string {
	text := e.Method + ": " + e.description()
	if advice := e.advice(); advice != "" {
		text += ". " + advice
	}
	return text
}

func (e *Error) description() string {
	switch e.kind {
	case kindThrottled:
		return "GoGrid says that there are too many requests" + e.origin()
	case kindBroken:
		if e.cause != nil {
			return fmt.Sprintf("the answer (HTTP %d) could not be understood: %v", e.Status, e.cause)
		}
		return fmt.Sprintf("HTTP %d with an answer that does not come from the API: %q", e.Status, e.Body)
	case kindUnsent:
		return fmt.Sprintf("the call was not carried out: %v", e.cause)
	case kindUnknown:
		return fmt.Sprintf("the request was sent but no whole answer arrived: %v", e.cause)
	case kindRefused:
	}
	switch {
	case e.Status == http.StatusForbidden:
		return "GoGrid does not accept the API key or the signature" + e.origin()
	case e.Status == http.StatusUnauthorized:
		return "the role of this API key does not allow the call" + e.origin()
	case e.Message != "":
		return fmt.Sprintf("GoGrid answered: %s%s", e.Message, e.origin())
	case e.Body != "":
		return fmt.Sprintf("GoGrid answered %q%s", e.Body, e.origin())
	default:
		return "GoGrid refused the call" + e.origin()
	}
}

// origin is the status and code in brackets.
func (e *Error) origin() string {
	if e.Code == "" {
		return fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	return fmt.Sprintf(" (HTTP %d, %s)", e.Status, e.Code)
}

func (e *Error) advice() string {
	switch {
	case e.foreignMember():
		return "GoGrid answers with this error if an address in the pool does not belong to the account"
	case hasCertificateError(e.cause):
		return "Check that the endpoint is right. If it is, name a PEM file with the authority that signed its certificate: " +
			"ca_certificate_file in the provider block, or the environment variable GOGRID_CA_CERTIFICATE_FILE"
	case e.outcomeUnknown:
		return "Whether the change was carried out is not known: look for the object before asking again"
	case e.kind == kindThrottled:
		return "Allow fewer requests per second, or try again later"
	case e.kind == kindRefused && e.Status == http.StatusForbidden:
		return "Check the API key, its shared secret, and that this machine's clock is right: a signature is good for about 10 minutes"
	case e.kind == kindRefused && e.Status == http.StatusUnauthorized:
		return "Use a key with the role " + rolesFor(e.Method)
	case e.kind == kindBroken && e.Status >= 500:
		return "The service may be down for maintenance: try again later"
	default:
		return ""
	}
}

// rolesFor names the roles that may call the method, from the tables on the
// method pages of GoGrid's wiki.
func rolesFor(method string) string {
	if strings.HasPrefix(method, "myaccount.billing") {
		return "Super User or Billing User"
	}
	return "Super User or System User"
}

// Is compares with what caused the failure, such as [context.Canceled]. The
// cause itself is not unwrapped: its own text might hold a secret.
func (e *Error) Is(target error) bool { return e.cause != nil && errors.Is(e.cause, target) }

// As looks for a type in what caused the failure.
func (e *Error) As(target any) bool { return e.cause != nil && errors.As(e.cause, target) }

// IsNotFound reports whether the call failed because no object matches. GoGrid
// answers that with status 400 and a text, not with 404.
func IsNotFound(err error) bool {
	failure, ok := asRefused(err)
	return ok && failure.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(failure.Message), "no object found")
}

// IsInvalid reports whether the service refused the parameters of a call, for
// instance because an address is taken. It answers status 400 then, as it does
// when no object matches, which does not count here: see [IsNotFound]. A load
// balancer member that belongs to another account also gets status 500.
func IsInvalid(err error) bool {
	failure, ok := asRefused(err)
	return ok && (failure.Status == http.StatusBadRequest && !IsNotFound(err) || failure.foreignMember())
}

// foreignMember reports whether the service rejected a load balancer member of
// another account. As libcloud found, the service then answers with a server
// error whose text names no cause.
func (e *Error) foreignMember() bool {
	return e.kind == kindRefused && e.Status == http.StatusInternalServerError &&
		(e.Method == "grid.loadbalancer.add" || e.Method == "grid.loadbalancer.edit") && strings.EqualFold(e.Code, "UnexpectedException") &&
		strings.Contains(e.Message, "An unexpected server error has occured") && strings.HasSuffix(strings.TrimSpace(e.Message), "Error Message : null")
}

// conflictTexts are parts of messages, in lower case, of a change that collides
// with another: the first two were seen on the real service for load balancers,
// the third on a job. What it said of a taken address was never recorded.
var conflictTexts = [...]string{
	"update already pending",
	"update request for loadbalancer",
	"already a pending request",
	"already taken",
	"already assigned",
	"already in use",
	"is assigned",
	"is in use",
	"not available",
}

// IsConflict reports whether the call was refused, or its job failed, because the
// address is taken or another change of the object is under way.
func IsConflict(err error) bool {
	var job *JobError
	if errors.As(err, &job) {
		return isConflictText(job.Reason)
	}
	failure, ok := asRefused(err)
	return ok && isConflictText(failure.Message)
}

func isConflictText(message string) bool {
	message = strings.ToLower(message)
	for _, text := range conflictTexts {
		if strings.Contains(message, text) {
			return true
		}
	}
	return false
}

// IsThrottled reports whether the call failed because of too many requests. It
// was not carried out.
func IsThrottled(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.kind == kindThrottled
}

// IsDenied reports whether the role of the API key does not allow the call.
func IsDenied(err error) bool {
	failure, ok := asRefused(err)
	return ok && failure.Status == http.StatusUnauthorized
}

// IsUnauthenticated reports whether the API key or the signature was not accepted.
func IsUnauthenticated(err error) bool {
	failure, ok := asRefused(err)
	return ok && failure.Status == http.StatusForbidden
}

// IsCertificateError reports whether a call failed because the endpoint's certificate
// could not be verified.
func IsCertificateError(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && hasCertificateError(failure.cause)
}

func hasCertificateError(err error) bool {
	var failure *tls.CertificateVerificationError
	return errors.As(err, &failure)
}

// IsUnanswered reports whether a call ended without an answer of the API about
// the object: no answer arrived, another program answered, or the service asked
// for a later retry. A refused credential counts too: it says nothing about the
// object.
func IsUnanswered(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && !failure.foreignMember() &&
		(failure.kind != kindRefused || failure.Status >= http.StatusInternalServerError || failure.Status == http.StatusForbidden)
}

// IsOutcomeUnknown reports whether the failed call was to change something and may have
// been carried out: its answer did not arrive whole, or the service failed
// while it was at work.
func IsOutcomeUnknown(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.outcomeUnknown
}

func asRefused(err error) (*Error, bool) {
	var failure *Error
	ok := errors.As(err, &failure)
	return failure, ok && failure.kind == kindRefused
}
