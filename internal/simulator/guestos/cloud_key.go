// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
)

// HostKeySeed determines an Ed25519 host key. The zero value means a random
// key.
type HostKeySeed [ed25519.SeedSize]byte

// newHostKey returns a private key in PKCS #8 form.
func newHostKey(seed HostKeySeed) ([]byte, error) {
	if seed == (HostKeySeed{}) {
		_, _ = rand.Read(seed[:]) // never fails
	}
	return x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
}

// loadOrCreateHostKey returns the host key in a file. It creates a missing
// file.
func loadOrCreateHostKey(path string, seed HostKeySeed) (ssh.Signer, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if text, err = newHostKey(seed); err == nil {
			err = replaceHostFile(path, text)
		}
	}
	if err != nil {
		return nil, err
	}
	return hostKeyOf(text)
}

// hostKeyOf parses a key that newHostKey returned.
func hostKeyOf(text []byte) (ssh.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(text)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(key)
}

func authorizedKey(key ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

// replaceHostFile replaces a file of the host atomically. Only the owner can
// read the file.
func replaceHostFile(path string, content []byte) error {
	temporary := path + partial
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
