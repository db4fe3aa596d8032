// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package ownership says which deployment made an object of the grid. The tag
// of a deployment stands at the end of an object's description. By the tag, an
// apply finds the object again if the process that created it was killed before
// it could save anything.
package ownership

import (
	"regexp"
)

// MaxDescription is how many characters GoGrid stores of a description; the tag
// counts among them.
const MaxDescription = 500

// Tag names the deployment that an object belongs to. The zero Tag is none.
type Tag struct {
	// Deployment is the name of the deployment.
	Deployment string
	// Key tells objects of one name apart that were made from different things.
	// It is empty for an object that its name identifies, and may hold slashes.
	Key string
}

// tagged matches the tag of any deployment at the end of a description.
var tagged = regexp.MustCompile(`(?:^| )\[deployment/([^\[\]/]*)(?:/([^\[\]]*))?\]$`)

// Of returns the tag at the end of a description, the zero Tag if it has none.
func Of(description string) Tag {
	match := tagged.FindStringSubmatch(description)
	if match == nil {
		return Tag{}
	}
	return Tag{Deployment: match[1], Key: match[2]}
}

// String is the tag as descriptions hold it, empty for the zero Tag.
func (t Tag) String() string {
	switch {
	case t.Deployment == "":
		return ""
	case t.Key == "":
		return "[deployment/" + t.Deployment + "]"
	default:
		return "[deployment/" + t.Deployment + "/" + t.Key + "]"
	}
}

// Describe appends the tag to a description.
func (t Tag) Describe(description string) string {
	tag := t.String()
	if tag == "" || description == "" {
		return description + tag
	}
	return description + " " + tag
}

// On reports whether a description ends in exactly this tag. It returns false
// for the zero Tag.
func (t Tag) On(description string) bool {
	return t.Deployment != "" && Of(description) == t
}

// Strip removes the tag of any deployment from the end of a description, so
// that a renamed deployment does not show as a changed description.
func Strip(description string) string {
	return tagged.ReplaceAllString(description, "")
}

// Redescribe returns the description to send so that the grid shows the wanted
// one with the tag of a deployment, and reports whether the current one differs.
// The key of the current tag stays. Without a deployment the current tag stays
// as it is. A wanted text that looks like a tag is text.
func Redescribe(wanted, current, deployment string) (string, bool) {
	tag := Of(current)
	if deployment != "" {
		tag.Deployment = deployment
	} else if current == wanted {
		return current, false
	}
	next := tag.Describe(wanted)
	return next, next != current
}
