// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // OpenSSH hashes the host names in known_hosts with SHA-1
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// ErrNoHostKey reports that a text is not valid as a Target's HostKey.
var ErrNoHostKey = errors.New("the text names no host key: it must be a key such as \"ssh-ed25519 AAAA...\", a fingerprint such as \"SHA256:...\", or the text of a known_hosts file")

// CheckHostKey returns ErrNoHostKey unless the text is valid as a Target's
// HostKey.
func CheckHostKey(text string) error {
	_, err := parseTrustedKeys(text)
	return err
}

// trustedKey is a host key that a server may present.
type trustedKey struct {
	hosts       string // host patterns of a known_hosts line; empty: any host
	key         ssh.PublicKey
	fingerprint string // set if key is nil
}

// parseTrustedKeys reads a key, a fingerprint or the text of a known_hosts file.
func parseTrustedKeys(text string) ([]trustedKey, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "SHA256:") || strings.HasPrefix(text, "MD5:") || isMD5Fingerprint(text) {
		if strings.ContainsAny(text, " \t\n") {
			return nil, ErrNoHostKey
		}
		return []trustedKey{{fingerprint: strings.TrimPrefix(text, "MD5:")}}, nil
	}
	var trusted []trustedKey
	var unknown string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "@") {
			continue // known_hosts files also hold comments and markers such as @revoked
		}
		found, ok := parseTrustedKey(line)
		if kind := unknownKeyType(line); !ok && kind != "" {
			unknown = kind // other lines may have keys of known types
			continue
		}
		if !ok {
			return nil, ErrNoHostKey
		}
		trusted = append(trusted, found)
	}
	if len(trusted) == 0 && unknown != "" {
		return nil, fmt.Errorf("%w (the type %s is not supported; supported are %s)", ErrNoHostKey, unknown, list(offeredAlgorithms(true).hostKeys))
	}
	if len(trusted) == 0 {
		return nil, ErrNoHostKey
	}
	return trusted, nil
}

func parseTrustedKey(line string) (trustedKey, bool) {
	if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil && strings.HasPrefix(line, key.Type()) {
		return trustedKey{key: key}, true
	}
	hosts, rest, _ := strings.Cut(line, " ")
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(rest)))
	return trustedKey{hosts: hosts, key: key}, err == nil
}

// unknownKeyType returns the key type in a line that has the form of a key but an
// unsupported type, and an empty string for any other line.
func unknownKeyType(line string) string {
	words := strings.Fields(line)
	for i, word := range words[:max(0, len(words)-1)] {
		if i > 1 {
			break
		}
		// The encoded key repeats its type after a four-byte length.
		blob, err := base64.StdEncoding.DecodeString(words[i+1])
		if err == nil && len(blob) > 4 && strings.HasPrefix(string(blob[4:]), word) && !slices.Contains(offeredAlgorithms(true).hostKeys, word) {
			return word
		}
	}
	return ""
}

// isMD5Fingerprint reports whether a text consists of 16 hexadecimal bytes,
// separated by colons.
func isMD5Fingerprint(text string) bool {
	parts := strings.Split(text, ":")
	return len(parts) == 16 && !slices.ContainsFunc(parts, func(part string) bool {
		return len(part) != 2 || strings.Trim(part, "0123456789abcdefABCDEF") != ""
	})
}

// appliesTo reports whether the key is listed for a host. The address has the
// form "host:port".
func (k trustedKey) appliesTo(address string) bool {
	if k.hosts == "" {
		return true
	}
	name := knownHostsName(address)
	return slices.ContainsFunc(strings.Split(k.hosts, ","), func(pattern string) bool {
		if hashed, ok := strings.CutPrefix(pattern, "|1|"); ok {
			return hashedMatch(hashed, name)
		}
		return strings.EqualFold(pattern, name)
	})
}

// knownHostsName returns an address as known_hosts files write it: the host, or
// "[host]:port" if the port is not 22.
func knownHostsName(address string) string {
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

func (k trustedKey) matches(key ssh.PublicKey) bool {
	switch {
	case k.key != nil:
		return bytes.Equal(k.key.Marshal(), key.Marshal())
	case strings.HasPrefix(k.fingerprint, "SHA256:"):
		return strings.TrimRight(k.fingerprint, "=") == ssh.FingerprintSHA256(key)
	default:
		return strings.EqualFold(k.fingerprint, ssh.FingerprintLegacyMD5(key))
	}
}

func (k trustedKey) String() string {
	if k.key != nil {
		return ssh.FingerprintSHA256(k.key)
	}
	return k.fingerprint
}

// hostKeyChecker checks the host key of one server and remembers it.
type hostKeyChecker struct {
	address string
	trusted []trustedKey // empty: every key is accepted
	shown   ssh.PublicKey
}

func newHostKeyChecker(target Target) (*hostKeyChecker, error) {
	keys := &hostKeyChecker{address: target.address()}
	if strings.TrimSpace(target.HostKey) == "" {
		return keys, nil
	}
	trusted, err := parseTrustedKeys(target.HostKey)
	if err != nil {
		return nil, &permanentError{fmt.Errorf("read the host key of %s: %w", target.address(), err)}
	}
	for _, key := range trusted {
		if key.appliesTo(keys.address) {
			keys.trusted = append(keys.trusted, key)
		}
	}
	if len(keys.trusted) == 0 {
		return nil, &permanentError{fmt.Errorf("read the host key of %s: the known_hosts text has no key for %s", target.address(), knownHostsName(keys.address))}
	}
	return keys, nil
}

// check is an ssh.HostKeyCallback. It returns a *HostKeyError for a key that is
// not trusted.
func (h *hostKeyChecker) check(_ string, _ net.Addr, key ssh.PublicKey) error {
	h.shown = key
	if len(h.trusted) == 0 || slices.ContainsFunc(h.trusted, func(k trustedKey) bool { return k.matches(key) }) {
		return nil
	}
	var want []string
	for _, k := range h.trusted {
		want = append(want, k.String())
	}
	return &HostKeyError{Host: h.address, Want: strings.Join(want, " or "), Got: ssh.FingerprintSHA256(key)}
}

// algorithms returns the host key algorithms to request, so that a server with
// several host keys presents a trusted one. It returns nil if any algorithm
// will do.
func (h *hostKeyChecker) algorithms() []string {
	var all []string
	for _, k := range h.trusted {
		switch {
		case k.key == nil:
			return nil
		case k.key.Type() == ssh.KeyAlgoRSA:
			all = append(all, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA)
		default:
			all = append(all, k.key.Type())
		}
	}
	return all
}
