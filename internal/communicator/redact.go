// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/redact"
	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// redactor replaces secrets in texts with "(secret)".
type redactor struct{ known *redact.Redactor }

// newRedactor returns a redactor that recognizes each secret as a whole and each
// line of a secret with several lines, also in encoded forms.
func newRedactor(secrets []string) redactor {
	return redactor{redact.New("(secret)", secrets...)}
}

// text returns a text that is safe to show: without secrets, escape sequences and
// invisible characters.
func (r redactor) text(text string) string { return r.known.Text(text) }

// line is like text, but returns one line.
func (r redactor) line(text string) string { return untrusted.Line(r.text(text)) }

// maxShownCommand is the maximum length of a command in a message, in bytes.
const maxShownCommand = 200

// command redacts and shortens a command for use in a message.
func (r redactor) command(name string) string {
	name = strings.TrimSpace(r.text(name))
	if len(name) > maxShownCommand {
		return strings.ToValidUTF8(name[:maxShownCommand], "") + "..."
	}
	return name
}
