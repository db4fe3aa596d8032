// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// maxDescription is how many characters GoGrid stores of a description; the
// deployment mark counts among them.
const maxDescription = 500

// anyMark matches a deployment mark at the end of a description: the one of
// this deployment and the one of any other, so that renaming a deployment
// does not show as a changed description.
var anyMark = regexp.MustCompile(`(^| )\[deployment/[^\[\]]*\]$`)

// mark is the suffix that tells, in the grid itself, which deployment made an
// object. It is what an apply finds again after the process that created the
// object was killed before anything could be saved. The optional key tells
// objects of one name apart that were made from different things.
func mark(deployment, key string) string {
	if key == "" {
		return "[deployment/" + deployment + "]"
	}
	return "[deployment/" + deployment + "/" + key + "]"
}

// markDescription appends the mark of a deployment to a description. Without
// a deployment the description stays as it is.
func markDescription(description, deployment, key string) string {
	switch {
	case deployment == "":
		return description
	case description == "":
		return mark(deployment, key)
	default:
		return description + " " + mark(deployment, key)
	}
}

// stripMark removes a deployment mark from the end of a description.
func stripMark(description string) string {
	return anyMark.ReplaceAllString(description, "")
}

// hasMark tells whether a description ends in the very mark of a deployment
// and key.
func hasMark(description, deployment, key string) bool {
	return deployment != "" && markDescription(stripMark(description), deployment, key) == description
}

// changedDescription is the description to send so that the grid shows the
// wanted one, with the mark that the current one carries; nil when it does
// already.
func changedDescription(wanted types.String, current string) *string {
	bare := stripMark(current)
	if bare == wanted.ValueString() || current == wanted.ValueString() {
		return nil
	}
	description := wanted.ValueString()
	if kept := strings.TrimPrefix(strings.TrimPrefix(current, bare), " "); kept != "" && description != "" {
		description += " " + kept
	} else {
		description += kept
	}
	return &description
}
