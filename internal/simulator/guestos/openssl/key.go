// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package openssl

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limits for the size of a new RSA key, in bits. The maximum exists because the
// host would need minutes to generate a larger key.
const (
	minBits = 1024
	maxBits = 4096
)

// key returns the first private key in a PEM file.
func (r *run) key(name string) (crypto.Signer, error) {
	text, err := r.file(name)
	if err != nil {
		return nil, err
	}
	return privateKey(text)
}

func privateKey(text []byte) (crypto.Signer, error) {
	for len(text) > 0 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return nil, errors.New("unable to load Private Key: a simulated server's openssl can only read keys without a password")
		}
		for _, parse := range []func([]byte) (any, error){
			x509.ParsePKCS8PrivateKey,
			func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
			func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
		} {
			if found, err := parse(block.Bytes); err == nil {
				if key, ok := found.(crypto.Signer); ok {
					return key, nil
				}
			}
		}
		return nil, errNoKey
	}
	return nil, errNoKey
}

// keyPEM encodes a private key as PKCS #8, or an RSA key in the older form of
// openssl's RSA commands.
func keyPEM(key crypto.Signer, old bool) ([]byte, error) {
	if known, ok := key.(*rsa.PrivateKey); ok && old {
		return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(known)}), nil
	}
	text, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}), err
}

// keyCommand implements "openssl rsa" and "openssl pkey". It checks, shows or
// converts a private key.
func keyCommand(_ context.Context, r *run) error {
	text, err := r.input("in")
	if err != nil {
		return err
	}
	if strings.EqualFold(r.given["inform"], "der") {
		text = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})
	}
	key, err := privateKey(text)
	if err != nil {
		return err
	}
	known, isRSA := key.(*rsa.PrivateKey)
	if r.name == "rsa" && !isRSA {
		return errors.New("unable to load Private Key: not an RSA key")
	}
	if r.has("check") {
		if isRSA && known.Validate() != nil {
			return errors.New("RSA key error")
		}
		fmt.Fprintln(r.p.Stdout, map[bool]string{true: "RSA key ok", false: "Key is valid"}[r.name == "rsa"])
	}
	if r.has("modulus") {
		fmt.Fprint(r.p.Stdout, modulus(key.Public()))
	}
	if r.has("noout") {
		return nil
	}
	if r.has("pubout") {
		return r.output([]byte(publicPEM(key.Public())))
	}
	if r.name == "rsa" {
		fmt.Fprintln(r.p.Stderr, "writing RSA key")
	}
	written, err := keyPEM(key, r.name == "rsa")
	if err != nil {
		return err
	}
	if strings.EqualFold(r.given["outform"], "der") {
		block, _ := pem.Decode(written)
		written = block.Bytes
	}
	return r.secret(r.given["out"], written)
}

func newKey(bits string) (*rsa.PrivateKey, error) {
	number, err := strconv.Atoi(bits)
	if err != nil || number < minBits || number > maxBits {
		return nil, fmt.Errorf("cannot generate an RSA key of %s bits: a simulated server generates keys of %d to %d bits", bits, minBits, maxBits)
	}
	return rsa.GenerateKey(rand.Reader, number)
}

// generate implements "openssl genrsa".
func generate(_ context.Context, r *run) error {
	bits := "2048"
	if len(r.args) > 0 {
		bits = r.args[0]
	}
	fmt.Fprintf(r.p.Stderr, "Generating RSA private key, %s bit long modulus\n", bits)
	key, err := newKey(bits)
	if err != nil {
		return err
	}
	text, err := keyPEM(key, true)
	if err != nil {
		return err
	}
	return r.secret(r.given["out"], text)
}

// keyOfRequest returns the key in the file that -key names, or a new key as
// specified by -newkey.
func (r *run) keyOfRequest() (crypto.Signer, error) {
	if name := r.given["key"]; name != "" {
		return r.key(name)
	}
	kind, bits, _ := strings.Cut(r.given["newkey"], ":")
	switch {
	case kind == "":
		bits = "2048"
	case kind != "rsa":
		return nil, fmt.Errorf("unknown algorithm %s: a simulated server can only generate RSA keys", kind)
	}
	if !r.has("nodes") {
		return nil, errors.New("a simulated server's openssl can only write keys without a password: give -nodes")
	}
	key, err := newKey(bits)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(r.p.Stderr, "Generating a %s bit RSA private key\n", bits)
	name := r.given["keyout"]
	if name == "" {
		name = "privkey.pem"
	}
	fmt.Fprintf(r.p.Stderr, "writing new private key to '%s'\n", name)
	text, err := keyPEM(key, false)
	if err != nil {
		return nil, err
	}
	return key, r.secret(name, text)
}

// random implements "openssl rand". It prints random bytes.
func random(_ context.Context, r *run) error {
	if len(r.args) != 1 {
		return errors.New("Usage: rand [options] num") //nolint:staticcheck // openssl uses these words
	}
	number, err := strconv.Atoi(r.args[0])
	if err != nil || number < 0 || number > maxInput {
		return fmt.Errorf("the number of bytes must be from 0 to %d, not %q", maxInput, r.args[0])
	}
	text := make([]byte, number)
	if _, err := rand.Read(text); err != nil {
		return err
	}
	switch {
	case r.has("hex"):
		text = []byte(hex.EncodeToString(text) + "\n")
	case r.has("base64"):
		text = []byte(base64.StdEncoding.EncodeToString(text) + "\n")
	}
	return r.output(text)
}
