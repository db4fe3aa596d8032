// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"slices"
	"strings"
)

// shortestSecret is the length from which on a secret is looked for in other
// texts. A shorter one is in too many words, and no secret.
const shortestSecret = 4

// redactor takes secrets out of texts.
type redactor struct{ replacer *strings.Replacer }

// newRedactor knows each secret as a whole and, where it has several lines, as
// each of its lines.
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

// maxShownCommand is how much of a command an error shows, in bytes.
const maxShownCommand = 200

// shown is a command for a message.
func (r redactor) command(name string) string {
	name = strings.TrimSpace(r.text(name))
	if len(name) > maxShownCommand {
		return strings.ToValidUTF8(name[:maxShownCommand], "") + "..."
	}
	return name
}
