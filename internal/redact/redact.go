// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package redact removes known secrets from texts that are logged or shown. It finds
// secrets in plain text, JSON, URLs, base64 and hex.
package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// ShortestSecret is the length of the shortest text that is redacted, in bytes.
// Shorter texts occur in ordinary words and are not useful as secrets.
const ShortestSecret = 4

// Redactor replaces secrets in texts with a mark. It may be used concurrently.
type Redactor struct {
	mark    string
	literal *strings.Replacer
	// secrets holds the secrets without encoding, longest first.
	secrets []string
	pieces  pieces
	longest int
}

// New returns a redactor for the given secrets. It recognizes each secret as a whole
// and each line of a multi-line secret. mark is the replacement for a secret.
func New(mark string, secrets ...string) *Redactor {
	r := &Redactor{mark: mark, secrets: split(secrets)}
	r.pieces = newPieces(secrets, r.secrets)
	var forms []string
	for _, secret := range r.secrets {
		forms = append(forms, secret, untrusted.Text(secret), url.QueryEscape(secret), url.PathEscape(secret))
		if quoted, err := json.Marshal(secret); err == nil {
			forms = append(forms, string(quoted[1:len(quoted)-1]))
		}
		r.longest = max(r.longest, encodedGrowth*len(secret))
	}
	forms = slices.DeleteFunc(forms, tooShort)
	longestFirst(forms)
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, mark)
		r.longest = max(r.longest, len(form))
	}
	r.literal = strings.NewReplacer(pairs...)
	return r
}

// encodedGrowth is the largest ratio of the length of an encoded secret to the
// length of the secret: in a URL, one byte may take three characters, such as
// %41.
const encodedGrowth = 3

func tooShort(secret string) bool { return len(secret) < ShortestSecret }

// longestFirst sorts texts by descending length, so that a secret comes before its own
// prefixes.
func longestFirst(texts []string) {
	slices.SortFunc(texts, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
}

// split returns the secrets and their individual lines, without surrounding
// white space. It drops texts that are too short.
func split(secrets []string) []string {
	var all []string
	for _, secret := range secrets {
		all = append(all, secret)
		if strings.Contains(secret, "\n") {
			all = append(all, strings.Split(secret, "\n")...)
		}
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	all = slices.DeleteFunc(all, tooShort)
	longestFirst(all)
	return slices.Compact(all)
}

// Longest returns the length of the longest form of a secret, in bytes. A text that
// was cut off may end with the beginning of such a form.
func (r *Redactor) Longest() int { return r.longest }

// Text returns a text without secrets that is safe to show; see [untrusted.Text]. It
// redacts before and after that filter: the filter may change a secret, or remove
// characters that hide one.
func (r *Redactor) Text(text string) string {
	text = untrusted.Text(r.literal.Replace(text))
	if len(r.secrets) == 0 {
		return text
	}
	return r.base64(r.hex(r.percent(r.literal.Replace(text))))
}
