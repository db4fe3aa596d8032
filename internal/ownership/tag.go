// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package ownership reads and writes ownership tags. A tag at the end of an object's
// description names the deployment that created the object. If a process is killed
// before it saves the state, the next apply finds the object by the tag.
package ownership

import (
	"regexp"
)

// MaxDescription is the maximum length of a description in GoGrid, in
// characters. The length includes the tag.
const MaxDescription = 500

// Tag names the deployment that an object belongs to. The zero Tag means that the
// object has no tag.
type Tag struct {
	// Deployment is the name of the deployment.
	Deployment string
	// Key distinguishes objects with the same name that were created from
	// different inputs. It is empty if the name identifies the object. It may
	// contain slashes.
	Key string
}

// tagged matches the tag of any deployment at the end of a description.
var tagged = regexp.MustCompile(`(?:^| )\[deployment/([^\[\]/]*)(?:/([^\[\]]*))?\]$`)

// Of returns the tag at the end of a description, or the zero Tag if there is none.
func Of(description string) Tag {
	match := tagged.FindStringSubmatch(description)
	if match == nil {
		return Tag{}
	}
	return Tag{Deployment: match[1], Key: match[2]}
}

// String returns the tag in the form that descriptions hold, or "" for the zero Tag.
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

// Strip removes the tag of any deployment from the end of a description.
// Compare stripped descriptions, so that renaming a deployment does not count
// as changing a description.
func Strip(description string) string {
	return tagged.ReplaceAllString(description, "")
}

// Redescribe returns the wanted description with the tag of a deployment, and
// reports whether the current description differs from it. The new tag keeps
// the key of the current tag. If deployment is empty, the current tag stays
// unchanged. Redescribe leaves text in the wanted description unchanged even if
// it looks like a tag.
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
