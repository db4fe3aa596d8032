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

// Error describes a failed call: the service refused it, or did not return a
// valid answer. Its text and fields hold no secret.
type Error struct {
	// Method is the called method, such as "grid.server.add".
	Method string
	// Status is the HTTP status, 0 if no answer arrived.
	Status int
	// Code is the error code of the service, such as
	// "IllegalArgumentException", or of the proxy in front of the service. It
	// is often empty.
	Code string
	// Message is the error text of the service. It may be empty.
	Message string
	// Body is the beginning (at most 200 bytes) of the answer, redacted.
	Body string
	// RetryAfter is the delay that the service asked for before a retry, or 0.
	RetryAfter time.Duration

	kind           errorKind
	outcomeUnknown bool
	foreign        bool // the answer has neither the format of the API nor of the proxy in front of it
	cause          error
}

// errorKind classifies how a call failed.
type errorKind int

const (
	kindRefused   errorKind = iota // the service refused the call
	kindThrottled                  // there were too many requests
	kindBroken                     // the answer did not come from the API or is invalid
	kindUnsent                     // the request did not reach the service
	kindUnknown                    // the request was sent, but no answer arrived
)

// Error names the method, the failure and, if there is one, the next step.
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
		return "GoGrid reports too many requests" + e.origin()
	case kindBroken:
		if e.cause != nil {
			return fmt.Sprintf("the answer (HTTP %d) could not be understood: %v", e.Status, e.cause)
		}
		return fmt.Sprintf("HTTP %d with an answer that does not come from the API: %q", e.Status, e.Body)
	case kindUnsent:
		return fmt.Sprintf("the call was not carried out: %v", e.cause)
	case kindUnknown:
		return fmt.Sprintf("the request was sent, but no complete answer arrived: %v", e.cause)
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

// origin returns the status and the error code in parentheses.
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
		return "It is not known whether GoGrid made the change: look for the object before you try again"
	case e.kind == kindThrottled:
		return "Allow fewer requests per second, or try again later"
	case e.kind == kindRefused && e.Status == http.StatusForbidden:
		return "Check the API key, its shared secret, and that this machine's clock is right: a signature is valid for about 10 minutes"
	case e.kind == kindRefused && e.Status == http.StatusUnauthorized:
		return "Use a key with the role " + rolesFor(e.Method)
	case e.kind == kindBroken && e.Status >= 500:
		return "The service may be down for maintenance: try again later"
	default:
		return ""
	}
}

// rolesFor returns the roles that may call a method. The source is the tables on
// the method pages of GoGrid's wiki.
func rolesFor(method string) string {
	if strings.HasPrefix(method, "myaccount.billing") {
		return "Super User or Billing User"
	}
	return "Super User or System User"
}

// Is reports whether the cause of the failure matches target, such as
// [context.Canceled]. There is no Unwrap method, because the text of the cause
// might contain a secret.
func (e *Error) Is(target error) bool { return e.cause != nil && errors.Is(e.cause, target) }

// As finds an error of a type in the cause of the failure.
func (e *Error) As(target any) bool { return e.cause != nil && errors.As(e.cause, target) }

// IsNotFound reports whether the call failed because no object matches. In this
// case GoGrid answers with status 400 and a message, not with status 404.
func IsNotFound(err error) bool {
	failure, ok := asRefused(err)
	return ok && failure.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(failure.Message), "no object found")
}

// IsInvalid reports whether the service refused the parameters of a call, for
// example because an address is taken. The service then answers with status
// 400. The service also uses status 400 if no object matches, but IsInvalid
// returns false for such an error: see [IsNotFound]. A load balancer member
// that belongs to another account counts as invalid, although the service
// answers with status 500.
func IsInvalid(err error) bool {
	failure, ok := asRefused(err)
	return ok && (failure.Status == http.StatusBadRequest && !IsNotFound(err) || failure.foreignMember())
}

// foreignMember reports whether the service rejected a load balancer member
// because it belongs to another account. According to libcloud, the service
// then answers with a server error whose text does not name the cause.
func (e *Error) foreignMember() bool {
	return e.kind == kindRefused && e.Status == http.StatusInternalServerError &&
		(e.Method == "grid.loadbalancer.add" || e.Method == "grid.loadbalancer.edit") && strings.EqualFold(e.Code, "UnexpectedException") &&
		strings.Contains(e.Message, "An unexpected server error has occured") && strings.HasSuffix(strings.TrimSpace(e.Message), "Error Message : null")
}

// conflictTexts are lower-case substrings of the messages that report a
// conflict with another change. The real service sent the first two for load
// balancers and the third in a job. The service's message for a taken address
// was never recorded, so the other texts cover likely wordings.
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

// IsConflict reports whether the service refused the call, or its job failed,
// because an address is taken or another change of the object is in progress.
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

// IsThrottled reports whether the call failed because of too many requests. The
// service did not carry out the call.
func IsThrottled(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.kind == kindThrottled
}

// IsDenied reports whether the role of the API key does not allow the call.
func IsDenied(err error) bool {
	failure, ok := asRefused(err)
	return ok && failure.Status == http.StatusUnauthorized
}

// IsUnauthenticated reports whether the service rejected the API key or the
// signature.
func IsUnauthenticated(err error) bool {
	failure, ok := asRefused(err)
	return ok && failure.Status == http.StatusForbidden
}

// IsCertificateError reports whether a call failed because the certificate of the
// endpoint could not be verified.
func IsCertificateError(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && hasCertificateError(failure.cause)
}

func hasCertificateError(err error) bool {
	var failure *tls.CertificateVerificationError
	return errors.As(err, &failure)
}

// IsUnanswered reports whether a call ended without information about its
// object: no answer arrived, another program answered, or the service asked the
// client to retry later. A refused credential also counts, because the answer
// then contains nothing about the object.
func IsUnanswered(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && !failure.foreignMember() &&
		(failure.kind != kindRefused || failure.Status >= http.StatusInternalServerError || failure.Status == http.StatusForbidden)
}

// IsOutcomeUnknown reports whether the service may have made a change although
// the call failed: the answer did not arrive completely, or the service failed
// while it processed the call.
func IsOutcomeUnknown(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.outcomeUnknown
}

func asRefused(err error) (*Error, bool) {
	var failure *Error
	ok := errors.As(err, &failure)
	return failure, ok && failure.kind == kindRefused
}
