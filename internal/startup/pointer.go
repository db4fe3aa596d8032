// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Paths on Cloud Storage, as the scripts use them.
const (
	// HostMapFile is the host map.
	HostMapFile = "network/hosts.json"
)

// ChannelFile is the pointer of a channel.
func ChannelFile(channel string) string { return "channels/" + channel + ".json" }

// ServerFile is the pointer of one server, which goes before that of its
// channel.
func ServerFile(server string) string { return "servers/" + server + ".json" }

// StatusFile is where a server says what became of its last boot.
func StatusFile(server string) string { return "status/" + server + ".json" }

// Pointer names the release that servers are to run. Servers read the first
// three keys; the others are for people, and for going back.
type Pointer struct {
	Release string `json:"release"`
	// Archive is the path of the release's archive on Cloud Storage.
	Archive string `json:"archive"`
	// SHA256 is the archive's digest in lower-case hex.
	SHA256 string `json:"sha256"`

	// PreviousRelease is what the pointer named before; empty: nothing.
	PreviousRelease string `json:"previous_release,omitempty"`
	PreviousArchive string `json:"previous_archive,omitempty"`
	PreviousSHA256  string `json:"previous_sha256,omitempty"`
	// UpdatedBy is the deployment that wrote the pointer.
	UpdatedBy string `json:"updated_by,omitempty"`
	// UpdatedAt is when, in RFC 3339.
	UpdatedAt string `json:"updated_at,omitempty"`
}

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

// CheckName tells whether servers accept the name of a release or a channel.
// The error does not repeat the name.
func CheckName(name string) error {
	if !channelName.MatchString(name) {
		return errors.New("is not 1 to 64 letters, digits, dots, dashes and underscores that begin with a letter or digit")
	}
	return nil
}

// CheckFile tells whether servers accept the path of a file on Cloud Storage.
// The error does not repeat the path.
func CheckFile(at string) error {
	if !storagePath.MatchString(at) {
		return errors.New("is not a path of letters, digits, dots, dashes, underscores and slashes, in which no name begins with a dot or a dash")
	}
	return nil
}

// Check tells whether servers accept a pointer.
func (p Pointer) Check() error {
	if err := CheckName(p.Release); err != nil {
		return fmt.Errorf("the release %.80q %w", p.Release, err)
	}
	if err := CheckFile(p.Archive); err != nil {
		return fmt.Errorf("the archive %.80q %w", p.Archive, err)
	}
	if !sha256Text.MatchString(p.SHA256) {
		return fmt.Errorf("the digest %.80q is not 64 lower-case hex digits", p.SHA256)
	}
	return nil
}

// SameRelease tells whether two pointers have servers run the same.
func (p Pointer) SameRelease(other Pointer) bool {
	return p.Release == other.Release && p.Archive == other.Archive && p.SHA256 == other.SHA256
}

// After returns the pointer that takes the place of another, which it then
// names as the previous one. Neither an archive that was only moved nor a
// pointer that names nothing is something to go back to.
func (p Pointer) After(previous Pointer) Pointer {
	if previous.Release == "" || p.Release == previous.Release && p.SHA256 == previous.SHA256 {
		p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = previous.PreviousRelease, previous.PreviousArchive, previous.PreviousSHA256
	} else {
		p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = previous.Release, previous.Archive, previous.SHA256
	}
	return p
}

// Encode writes the pointer as servers read it: one key a line.
func (p Pointer) Encode() string {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(text) + "\n"
}

// DecodePointer reads a pointer as servers do. One that Linux servers, which
// know only lines, would read otherwise than Windows servers is an error.
func DecodePointer(text string) (Pointer, error) {
	var p Pointer
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return Pointer{}, fmt.Errorf("it is not JSON as servers read it: %w", err)
	}
	if err := p.Check(); err != nil {
		return Pointer{}, err
	}
	for key, value := range map[string]string{"release": p.Release, "archive": p.Archive, "sha256": p.SHA256} {
		if lineValue(text, key) != value {
			return Pointer{}, fmt.Errorf("servers do not find %s in it: each key must be on a line of its own, with a space after the colon", key)
		}
	}
	return p.sanitized(), nil
}

// sanitized is a pointer without what its writer cannot have meant for people:
// a server never reads that part of it, so nobody has checked it.
func (p Pointer) sanitized() Pointer {
	if (Pointer{Release: p.PreviousRelease, Archive: p.PreviousArchive, SHA256: p.PreviousSHA256}).Check() != nil {
		p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = "", "", ""
	}
	p.UpdatedBy, p.UpdatedAt = printable(p.UpdatedBy, maxText), printable(p.UpdatedAt, maxText)
	return p
}

// lineValue is the function entry of the Linux script.
func lineValue(text, key string) string {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if value, ok := strings.CutPrefix(line, `"`+key+`": `); ok {
			return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(value, ","), `"`), `"`)
		}
	}
	return ""
}
