// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"encoding/json"
	"fmt"
	"regexp"
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

// Pointer names the release that servers are to run.
type Pointer struct {
	Release string `json:"release"`
	// Archive is the path of the release's archive on Cloud Storage.
	Archive string `json:"archive"`
	// SHA256 is the archive's digest in lower-case hex.
	SHA256 string `json:"sha256"`
}

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Check tells whether servers accept a pointer.
func (p Pointer) Check() error {
	switch {
	case !channelName.MatchString(p.Release):
		return fmt.Errorf("the release is %q: it is 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit", p.Release)
	case !storagePath.MatchString(p.Archive):
		return fmt.Errorf("the archive is %q: it is a path of letters, digits, dots, dashes, underscores and slashes", p.Archive)
	case !sha256Text.MatchString(p.SHA256):
		return fmt.Errorf("the digest is %q: it is 64 lower-case hex digits", p.SHA256)
	}
	return nil
}

// Encode writes the pointer as servers read it: one key a line.
func (p Pointer) Encode() string {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(text) + "\n"
}
