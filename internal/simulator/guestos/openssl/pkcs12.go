// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package openssl

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

var errMAC = errors.New("Mac verify error: invalid password?") //nolint:staticcheck // openssl uses these words

// bundle is the content of a PKCS #12 file.
type bundle struct {
	key  crypto.Signer
	leaf *x509.Certificate
	rest []*x509.Certificate
}

// pkcs12Command extracts keys and certificates from a PKCS #12 file, or with
// -export creates one.
func pkcs12Command(_ context.Context, r *run) error {
	if r.has("export") {
		return r.export()
	}
	content, err := r.input("in")
	if err != nil {
		return err
	}
	password, given, err := r.password("passin")
	if err == nil && !given {
		password, given, err = r.password("password")
	}
	switch {
	case err != nil:
		return err
	case !given:
		return errors.New("Enter Import Password:\nCan't read Password") //nolint:staticcheck // openssl uses these words
	}
	held, err := open(content, password)
	if err != nil {
		return err
	}
	if r.has("info") || r.has("noout") {
		fmt.Fprintln(r.p.Stderr, "MAC verified OK")
	}
	if r.has("noout") {
		return nil
	}
	var out bytes.Buffer
	if err := r.write(&out, held); err != nil {
		return err
	}
	if r.has("nokeys") {
		return r.output(out.Bytes())
	}
	return r.secret(r.given["out"], out.Bytes())
}

// open decodes a file that holds a key and its certificate chain, or only
// certificates.
func open(content []byte, password string) (bundle, error) {
	key, leaf, rest, err := pkcs12.DecodeChain(content, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return bundle{}, errMAC
	case err == nil:
		signer, ok := key.(crypto.Signer)
		if !ok {
			return bundle{}, fmt.Errorf("a key of type %T is not supported", key)
		}
		return bundle{signer, leaf, rest}, nil
	}
	blocks, other := pkcs12.ToPEM(content, password) //nolint:staticcheck // no other function can read a file without a key
	if other != nil {
		return bundle{}, fmt.Errorf("Error reading PKCS #12 file: %s", strings.TrimPrefix(err.Error(), "pkcs12: ")) //nolint:staticcheck // openssl uses these words
	}
	var held bundle
	for _, block := range blocks {
		if found, err := x509.ParseCertificate(block.Bytes); err == nil {
			held.rest = append(held.rest, found)
		}
	}
	return held, nil
}

func (r *run) write(out *bytes.Buffer, held bundle) error {
	if !r.has("nokeys") && held.key != nil {
		if !r.has("nodes") {
			return errors.New("a simulated server's openssl can only write keys without a password: give -nodes or -nokeys")
		}
		text, err := keyPEM(held.key, false)
		if err != nil {
			return err
		}
		out.WriteString("Bag Attributes: <No Attributes>\nKey Attributes: <No Attributes>\n")
		out.Write(text)
	}
	if r.has("nocerts") {
		return nil
	}
	all := held.rest
	if held.leaf != nil && !r.has("cacerts") {
		all = append([]*x509.Certificate{held.leaf}, all...)
	}
	if r.has("clcerts") {
		all = nil
		if held.leaf != nil {
			all = append(all, held.leaf)
		}
	}
	for _, each := range all {
		fmt.Fprintf(out, "Bag Attributes: <No Attributes>\nsubject=%s\nissuer=%s\n", oneLine(each.Subject), oneLine(each.Issuer))
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: each.Raw}))
	}
	return nil
}

// export creates a PKCS #12 file from a key and certificates.
func (r *run) export() error {
	text, err := r.input("in")
	if err != nil {
		return err
	}
	var key crypto.Signer
	if name := r.given["inkey"]; name != "" {
		key, err = r.key(name)
	} else {
		key, err = privateKey(text)
	}
	if err != nil {
		return err
	}
	all, err := certificates(text)
	if err != nil {
		return err
	}
	if name := r.given["certfile"]; name != "" {
		more, err := r.file(name)
		if err != nil {
			return err
		}
		others, err := certificates(more)
		if err != nil {
			return err
		}
		all = append(all, others...)
	}
	var leaf *x509.Certificate
	var rest []*x509.Certificate
	for _, each := range all {
		if leaf == nil && samePublic(each.PublicKey, key.Public()) {
			leaf = each
		} else {
			rest = append(rest, each)
		}
	}
	if leaf == nil {
		return errors.New("No certificate matches private key") //nolint:staticcheck // openssl uses these words
	}
	password, given, err := r.password("passout")
	if err == nil && !given {
		password, given, err = r.password("password")
	}
	switch {
	case err != nil:
		return err
	case !given:
		return errors.New("Enter Export Password:\nCan't read Password") //nolint:staticcheck // openssl uses these words
	}
	content, err := pkcs12.LegacyDES.Encode(key, leaf, rest, password)
	if err != nil {
		return err
	}
	return r.secret(r.given["out"], content)
}
