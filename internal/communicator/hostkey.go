// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the form of hashed known_hosts entries is OpenSSH's
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// ErrNoHostKey says that a text names no host key.
var ErrNoHostKey = errors.New("it names no host key: it must be a key such as \"ssh-ed25519 AAAA...\", a fingerprint such as \"SHA256:...\", or the text of a known_hosts file")

// CheckHostKey tells whether a text can be a Target's HostKey.
func CheckHostKey(text string) error {
	_, err := parsePins(text)
	return err
}

// pin is one key that a server may show.
type pin struct {
	hosts       string // patterns of a known_hosts line; empty: any host
	key         ssh.PublicKey
	fingerprint string // where there is no key
}

// parsePins reads all three forms.
func parsePins(text string) ([]pin, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "SHA256:") || strings.HasPrefix(text, "MD5:") || isColons(text) {
		if strings.ContainsAny(text, " \t\n") {
			return nil, ErrNoHostKey
		}
		return []pin{{fingerprint: strings.TrimPrefix(text, "MD5:")}}, nil
	}
	var pins []pin
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "@") {
			continue // what a known_hosts file may hold besides keys of hosts
		}
		found, ok := parsePin(line)
		if !ok {
			return nil, ErrNoHostKey
		}
		pins = append(pins, found)
	}
	if len(pins) == 0 {
		return nil, ErrNoHostKey
	}
	return pins, nil
}

func parsePin(line string) (pin, bool) {
	if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil && strings.HasPrefix(line, key.Type()) {
		return pin{key: key}, true
	}
	hosts, rest, _ := strings.Cut(line, " ")
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(rest)))
	return pin{hosts: hosts, key: key}, err == nil
}

// isColons tells whether a text is a fingerprint of 16 bytes with colons.
func isColons(text string) bool {
	parts := strings.Split(text, ":")
	return len(parts) == 16 && !slices.ContainsFunc(parts, func(part string) bool {
		return len(part) != 2 || strings.Trim(part, "0123456789abcdefABCDEF") != ""
	})
}

// holds tells whether a pin is about a host.
func (p pin) holds(address string) bool {
	if p.hosts == "" {
		return true
	}
	name := knownName(address)
	return slices.ContainsFunc(strings.Split(p.hosts, ","), func(pattern string) bool {
		if hashed, ok := strings.CutPrefix(pattern, "|1|"); ok {
			return hashedMatch(hashed, name)
		}
		return strings.EqualFold(pattern, name)
	})
}

// knownName is how known_hosts writes a host, with a port that is not 22.
func knownName(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "22" {
		return host
	}
	return "[" + host + "]:" + port
}

func hashedMatch(hashed, name string) bool {
	salt, sum, _ := strings.Cut(hashed, "|")
	key, err := base64.StdEncoding.DecodeString(salt)
	want, sumErr := base64.StdEncoding.DecodeString(sum)
	if err != nil || sumErr != nil {
		return false
	}
	mac := hmac.New(sha1.New, key)
	mac.Write([]byte(name))
	return hmac.Equal(mac.Sum(nil), want)
}

func (p pin) matches(key ssh.PublicKey) bool {
	switch {
	case p.key != nil:
		return bytes.Equal(p.key.Marshal(), key.Marshal())
	case strings.HasPrefix(p.fingerprint, "SHA256:"):
		return strings.TrimRight(p.fingerprint, "=") == ssh.FingerprintSHA256(key)
	default:
		return strings.EqualFold(p.fingerprint, ssh.FingerprintLegacyMD5(key))
	}
}

func (p pin) String() string {
	if p.key != nil {
		return ssh.FingerprintSHA256(p.key)
	}
	return p.fingerprint
}

// hostKeys checks what one server shows.
type hostKeys struct {
	address string
	pins    []pin // none: anything is taken
	shown   ssh.PublicKey
}

func newHostKeys(target Target) (*hostKeys, error) {
	keys := &hostKeys{address: target.address()}
	if strings.TrimSpace(target.HostKey) == "" {
		return keys, nil
	}
	pins, err := parsePins(target.HostKey)
	if err != nil {
		return nil, &permanentError{fmt.Errorf("the host key of %s: %w", target.address(), err)}
	}
	for _, p := range pins {
		if p.holds(keys.address) {
			keys.pins = append(keys.pins, p)
		}
	}
	if len(keys.pins) == 0 {
		return nil, &permanentError{fmt.Errorf("the host key of %s: the known_hosts text has none for %s", target.address(), knownName(keys.address))}
	}
	return keys, nil
}

// check is for ssh.ClientConfig.
func (h *hostKeys) check(_ string, _ net.Addr, key ssh.PublicKey) error {
	h.shown = key
	if len(h.pins) == 0 || slices.ContainsFunc(h.pins, func(p pin) bool { return p.matches(key) }) {
		return nil
	}
	var want []string
	for _, p := range h.pins {
		want = append(want, p.String())
	}
	return &HostKeyError{Host: h.address, Want: strings.Join(want, " or "), Got: ssh.FingerprintSHA256(key)}
}

// algorithms are those to ask the server for, so that it shows the key that is
// known and not another one that it has as well; nil: any.
func (h *hostKeys) algorithms() []string {
	var all []string
	for _, p := range h.pins {
		switch {
		case p.key == nil:
			return nil
		case p.key.Type() == ssh.KeyAlgoRSA:
			all = append(all, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA)
		default:
			all = append(all, p.key.Type())
		}
	}
	return all
}
