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

// Paths on Cloud Storage. The scripts use the same paths.
const (
	// HostMapFile is the path of the encoded HostMap.
	HostMapFile = "network/hosts.json"
)

// ChannelFile returns the path of a channel's pointer.
func ChannelFile(channel string) string { return ChannelFolder + channel + ".json" }

// ChannelFolder is the folder of all channels on Cloud Storage, with a slash at its end.
const ChannelFolder = "channels/"

// ServerFile returns the path of one server's pointer, which takes precedence over
// the channel's pointer.
func ServerFile(server string) string { return "servers/" + server + ".json" }

// StatusFile returns the path of the Status that a server writes after each boot.
func StatusFile(server string) string { return "status/" + server + ".json" }

// Pointer names the release that servers should run. Servers read only the
// first three keys. The other keys serve people and rollbacks.
type Pointer struct {
	Release string `json:"release"`
	// Archive is the path of the release's archive on Cloud Storage.
	Archive string `json:"archive"`
	// SHA256 is the archive's digest in lower-case hex.
	SHA256 string `json:"sha256"`

	// PreviousRelease is the release before Release. Empty means none.
	PreviousRelease string `json:"previous_release,omitempty"`
	PreviousArchive string `json:"previous_archive,omitempty"`
	PreviousSHA256  string `json:"previous_sha256,omitempty"`
	// UpdatedBy is the deployment that wrote the pointer.
	UpdatedBy string `json:"updated_by,omitempty"`
	// UpdatedAt is the time of that write, in RFC 3339.
	UpdatedAt string `json:"updated_at,omitempty"`
}

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

// CheckName returns an error if servers would reject the name of a release or a
// channel. The error does not contain the name.
func CheckName(name string) error {
	if !channelName.MatchString(name) {
		return errors.New("is not 1 to 64 letters, digits, dots, dashes and underscores that begin with a letter or digit")
	}
	return nil
}

// CheckFile returns an error if servers would reject the path of a file on Cloud
// Storage. The error does not contain the path.
func CheckFile(at string) error {
	if !storagePath.MatchString(at) {
		return errors.New("is not a path of letters, digits, dots, dashes, underscores and slashes, in which no name begins with a dot or a dash")
	}
	return nil
}

// Check returns an error if servers would reject the pointer.
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

// SameRelease reports whether two pointers name the same release and archive.
func (p Pointer) SameRelease(other Pointer) bool {
	return p.Release == other.Release && p.Archive == other.Archive && p.SHA256 == other.SHA256
}

// After returns a copy of p that is ready to replace the pointer previous. The
// copy's previous release is the release of previous. If previous names no
// release, or the same release and digest as p, the copy takes over the
// previous release of previous instead.
func (p Pointer) After(previous Pointer) Pointer {
	if previous.Release == "" || p.Release == previous.Release && p.SHA256 == previous.SHA256 {
		p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = previous.PreviousRelease, previous.PreviousArchive, previous.PreviousSHA256
	} else {
		p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = previous.Release, previous.Archive, previous.SHA256
	}
	return p
}

// Encode returns the JSON that servers read, with one key on each line.
func (p Pointer) Encode() string {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // impossible: strings can always be encoded
	}
	return string(text) + "\n"
}

// DecodePointer decodes a pointer. It returns an error if servers would reject
// the pointer, or if Linux and Windows servers would read different values.
// Linux servers read the pointer line by line, and Windows servers parse the
// JSON.
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

// sanitized returns a copy of p whose keys for people are safe to show. Servers
// do not read these keys, so the keys may contain anything. sanitized removes
// an invalid previous release, shortens strings and makes them printable.
func (p Pointer) sanitized() Pointer {
	if (Pointer{Release: p.PreviousRelease, Archive: p.PreviousArchive, SHA256: p.PreviousSHA256}).Check() != nil {
		p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = "", "", ""
	}
	p.UpdatedBy, p.UpdatedAt = printable(p.UpdatedBy, maxText), printable(p.UpdatedAt, maxText)
	return p
}

// lineValue returns the value of a key as the shell function entry of the Linux
// script reads it, or "".
func lineValue(text, key string) string {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if value, ok := strings.CutPrefix(line, `"`+key+`": `); ok {
			return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(value, ","), `"`), `"`)
		}
	}
	return ""
}
