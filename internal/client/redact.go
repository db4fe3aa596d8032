// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"regexp"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/redact"
	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// redacted replaces a secret.
const redacted = "***"

// redactor removes secrets from texts: known secrets anywhere, and all values of secret
// parameters and members. The texts that it returns are safe to show; see
// [untrusted.Text].
type redactor struct {
	known *redact.Redactor
	// longest is the length of the longest secret in bytes. A text that was cut off
	// may end with the beginning of a secret of that length.
	longest int
}

// signatureLength is the length of an MD5 sum in hex.
const signatureLength = 32

// secretNames matches the names of parameters and members with secret values.
const secretNames = `api_key|sig|password|passwd|shared_secret|secret`

var (
	// secretParameter matches a parameter of a query or form. The query or form may
	// itself be the encoded value of a parameter.
	secretParameter = regexp.MustCompile(`(?i)((?:\b|%[0-9a-f]{2})(?:` + secretNames + `)(?:=|%3D))[^&\s"'<>]*`)
	// secretMember matches a member of a JSON object. Its value may be cut off.
	secretMember = regexp.MustCompile(`(?is)("(?:` + secretNames + `)"\s*:\s*)"(?:[^"\\]|\\.)*["\\]?`)
	// secretAttribute matches an attribute element of an XML answer.
	secretAttribute = regexp.MustCompile(`(?is)(<attribute\s+name="(?:` + secretNames + `)"\s*>)[^<]*`)
	// signatureLike matches an MD5 sum in hex, the form of a signature.
	signatureLike = regexp.MustCompile(`(?i)(\b|%[0-9a-f]{2})[0-9a-f]{32}\b`)
)

// newRedactor returns a redactor for the given secrets, also in encoded forms.
func newRedactor(secrets ...string) *redactor {
	known := redact.New(redacted, secrets...)
	return &redactor{known: known, longest: max(signatureLength, known.Longest())}
}

// Text returns the text without secrets.
func (r *redactor) Text(text string) string {
	text = r.known.Text(text)
	text = secretParameter.ReplaceAllString(text, "${1}"+redacted)
	text = secretMember.ReplaceAllString(text, `${1}"`+redacted+`"`)
	text = secretAttribute.ReplaceAllString(text, "${1}"+redacted)
	return signatureLike.ReplaceAllString(text, "${1}"+redacted)
}

// Line is like Text, but returns one line.
func (r *redactor) Line(text string) string { return untrusted.Line(r.Text(text)) }

// Head returns at most the first limit bytes of a text without secrets. It redacts more
// bytes than it returns and then truncates, because the redactor would not recognize a
// secret that was cut in half.
func (r *redactor) Head(data []byte, limit int) string {
	enough := r.headLimit(limit) - 1
	if len(data) <= enough {
		return truncate(r.Text(string(data)), limit)
	}
	shown := r.Text(string(data[:enough]))
	return truncate(shown[:max(0, len(shown)-r.longest)], limit)
}

// headLimit returns how many leading bytes of a text Head needs to return the same
// result as for the whole text.
func (r *redactor) headLimit(limit int) int { return 4*limit + r.longest + 1 }

// truncate shortens a text to at most limit bytes without splitting a character.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// Error returns an error with the redacted text of err, or nil if err is nil.
// [errors.Is] and [errors.As] work on the result. It has no Unwrap method, so code that
// prints an error chain cannot reach the secret.
func (r *redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	return &redactedError{text: r.Text(err.Error()), err: err}
}

type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

func (e *redactedError) As(target any) bool { return errors.As(e.err, target) }
