// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"slices"
	"strings"
)

// shortestSecret is the length of the shortest text that is redacted, in bytes.
// Shorter strings occur in ordinary words and are not useful as secrets.
const shortestSecret = 4

// redactor replaces secrets in strings with "(secret)".
type redactor struct{ replacer *strings.Replacer }

// newRedactor returns a redactor that recognizes each secret as a whole and each
// line of a secret with several lines.
func newRedactor(secrets []string) redactor {
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
	all = slices.DeleteFunc(all, func(secret string) bool { return len(secret) < shortestSecret })
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(all))
	for _, secret := range all {
		pairs = append(pairs, secret, "(secret)")
	}
	return redactor{strings.NewReplacer(pairs...)}
}

func (r redactor) text(text string) string { return r.replacer.Replace(text) }

// maxShownCommand limits how much of a command a message shows, in bytes.
const maxShownCommand = 200

// command returns a command for a message, redacted and shortened.
func (r redactor) command(name string) string {
	name = strings.TrimSpace(r.text(name))
	if len(name) > maxShownCommand {
		return strings.ToValidUTF8(name[:maxShownCommand], "") + "..."
	}
	return name
}
