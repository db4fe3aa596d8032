// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// redacted stands in the place of a secret.
const redacted = "***"

// redactor takes secrets out of texts: the known ones wherever they stand, and
// the values of secret parameters and members, whatever they are.
type redactor struct {
	known *strings.Replacer
	// longest is how many bytes of a text's end may be the beginning of a secret.
	longest int
}

// signatureLength is that of an MD5 in hex.
const signatureLength = 32

// secretNames are the names of parameters and members with secret values.
const secretNames = `api_key|sig|password|passwd|shared_secret|secret`

var (
	// secretParameter is a parameter of a query or form, which may itself be the
	// encoded value of one.
	secretParameter = regexp.MustCompile(`(?i)((?:\b|%[0-9a-f]{2})(?:` + secretNames + `)(?:=|%3D))[^&\s"'<>]*`)
	// secretMember is a member of a JSON object, its value perhaps cut off.
	secretMember = regexp.MustCompile(`(?is)("(?:` + secretNames + `)"\s*:\s*)"(?:[^"\\]|\\.)*["\\]?`)
	// secretAttribute is the same in XML.
	secretAttribute = regexp.MustCompile(`(?is)(<attribute\s+name="(?:` + secretNames + `)"\s*>)[^<]*`)
	// signatureLike is an MD5 in hex, which is what a signature looks like.
	signatureLike = regexp.MustCompile(`(?i)(\b|%[0-9a-f]{2})[0-9a-f]{32}\b`)
)

// newRedactor knows the given secrets, also as they look in URLs and in JSON.
func newRedactor(secrets ...string) *redactor {
	var forms []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		forms = append(forms, secret, url.QueryEscape(secret), url.PathEscape(secret))
		if quoted, err := json.Marshal(secret); err == nil {
			forms = append(forms, string(quoted[1:len(quoted)-1]))
		}
	}
	// The longest first: one secret may begin with another.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, redacted)
	}
	longest := signatureLength
	if len(forms) > 0 {
		longest = max(longest, len(forms[0]))
	}
	return &redactor{known: strings.NewReplacer(pairs...), longest: longest}
}

// Text returns the text without secrets.
func (r *redactor) Text(text string) string {
	text = r.known.Replace(text)
	text = secretParameter.ReplaceAllString(text, "${1}"+redacted)
	text = secretMember.ReplaceAllString(text, `${1}"`+redacted+`"`)
	text = secretAttribute.ReplaceAllString(text, "${1}"+redacted)
	return signatureLike.ReplaceAllString(text, "${1}"+redacted)
}

// Head returns at most limit bytes of the beginning of a text without secrets.
// It redacts before it cuts and reads more than it shows, since the first half
// of a secret would not be known for one.
func (r *redactor) Head(data []byte, limit int) string {
	enough := 4*limit + r.longest
	if len(data) <= enough {
		return truncate(r.Text(string(data)), limit)
	}
	shown := r.Text(string(data[:enough]))
	return truncate(shown[:max(0, len(shown)-r.longest)], limit)
}

// truncate shortens text to at most limit bytes without breaking a character.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// Error returns the error with its text redacted. It still answers to
// [errors.Is] and [errors.As] but cannot be unwrapped: whoever walks the chain
// to print it must not come upon the secret. nil stays nil.
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
