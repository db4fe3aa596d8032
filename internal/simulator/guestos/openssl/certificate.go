// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package openssl

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// certificates parses all certificates in a PEM text.
func certificates(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for len(text) > 0 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" && block.Type != "X509 CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" {
			continue
		}
		found, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errNoCertificate
		}
		all = append(all, found)
	}
	if len(all) == 0 {
		return nil, errNoCertificate
	}
	return all, nil
}

var (
	errNoCertificate = errors.New("unable to load certificate")
	errNoKey         = errors.New("unable to load Private Key")
)

// x509Command shows or converts a certificate, or signs a request.
func x509Command(_ context.Context, r *run) error {
	text, err := r.input("in")
	if err != nil {
		return err
	}
	var found *x509.Certificate
	switch {
	case r.has("req"):
		if found, err = r.sign(text); err != nil {
			return err
		}
	case strings.EqualFold(r.given["inform"], "der"):
		if found, err = x509.ParseCertificate(text); err != nil {
			return errNoCertificate
		}
	default:
		all, err := certificates(text)
		if err != nil {
			return err
		}
		found = all[0]
	}
	var out bytes.Buffer
	r.show(&out, found)
	if !r.has("noout") {
		if strings.EqualFold(r.given["outform"], "der") {
			out.Write(found.Raw)
		} else {
			out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: found.Raw}))
		}
	}
	if !r.has("checkend") {
		return r.output(out.Bytes())
	}
	seconds, err := strconv.ParseInt(r.given["checkend"], 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<33 {
		return errors.New("invalid value for -checkend")
	}
	if r.p.Host.Now().Add(time.Duration(seconds) * time.Second).After(found.NotAfter) {
		out.WriteString("Certificate will expire\n")
		return errors.Join(r.output(out.Bytes()), refused{1, ""})
	}
	out.WriteString("Certificate will not expire\n")
	return r.output(out.Bytes())
}

// show prints the requested parts of the certificate.
func (r *run) show(out *bytes.Buffer, c *x509.Certificate) {
	moment := func(t time.Time) string { return t.UTC().Format("Jan _2 15:04:05 2006 GMT") }
	for _, field := range []struct{ option, text string }{
		{"serial", fmt.Sprintf("serial=%X\n", c.SerialNumber)},
		{"subject", "subject= " + oneLine(c.Subject) + "\n"},
		{"issuer", "issuer= " + oneLine(c.Issuer) + "\n"},
		{"modulus", modulus(c.PublicKey)},
		{"startdate", "notBefore=" + moment(c.NotBefore) + "\n"},
		{"enddate", "notAfter=" + moment(c.NotAfter) + "\n"},
		{"dates", "notBefore=" + moment(c.NotBefore) + "\nnotAfter=" + moment(c.NotAfter) + "\n"},
		{"fingerprint", r.fingerprint(c)},
		{"pubkey", publicPEM(c.PublicKey)},
		{"text", fmt.Sprintf("Certificate:\n    Data:\n        Version: %d (0x%x)\n        Serial Number: %d\n        Issuer: %s\n        Validity\n            Not Before: %s\n            Not After : %s\n        Subject: %s\n        X509v3 Subject Alternative Name: %s\n",
			c.Version, c.Version-1, c.SerialNumber, oneLine(c.Issuer), moment(c.NotBefore), moment(c.NotAfter), oneLine(c.Subject), strings.Join(c.DNSNames, ", "))},
	} {
		if r.has(field.option) {
			out.WriteString(field.text)
		}
	}
}

func (r *run) fingerprint(c *x509.Certificate) string {
	name := "sha1"
	for _, other := range digestNames() {
		if r.has(other) {
			name = other
		}
	}
	h := newDigest(name)
	_, _ = h.Write(c.Raw) // never fails
	var pairs []string
	for _, b := range h.Sum(nil) {
		pairs = append(pairs, fmt.Sprintf("%02X", b))
	}
	return strings.ToUpper(name) + " Fingerprint=" + strings.Join(pairs, ":") + "\n"
}

// shortNames are the names of attributes that openssl prints.
var shortNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
	"1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}

// oneLine formats a name as "/C=US/CN=www.example.com".
func oneLine(name pkix.Name) string {
	var text strings.Builder
	for _, attribute := range name.Names {
		short := shortNames[attribute.Type.String()]
		if short == "" {
			short = attribute.Type.String()
		}
		fmt.Fprintf(&text, "/%s=%v", short, attribute.Value)
	}
	return text.String()
}

func modulus(key any) string {
	if public, ok := key.(*rsa.PublicKey); ok {
		return fmt.Sprintf("Modulus=%X\n", public.N)
	}
	return "Modulus=No modulus for this public key type\n"
}

func publicPEM(key any) string {
	text, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "unable to load Public Key\n"
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: text}))
}

// verify checks certificates against the authorities of -CAfile.
func verify(_ context.Context, r *run) error {
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: r.p.Host.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	for option, pool := range map[string]*x509.CertPool{"CAfile": options.Roots, "untrusted": options.Intermediates} {
		if r.given[option] == "" {
			continue
		}
		text, err := r.file(r.given[option])
		if err != nil {
			return err
		}
		all, err := certificates(text)
		if err != nil {
			return fmt.Errorf("Error loading file %s", r.given[option]) //nolint:staticcheck // openssl uses these words
		}
		for _, each := range all {
			pool.AddCert(each)
		}
	}
	names := r.args
	if len(names) == 0 {
		names = []string{""}
	}
	failed := false
	for _, name := range names {
		shown := name
		text, err := r.input("")
		if name != "" {
			text, err = r.file(name)
		} else {
			shown = "stdin"
		}
		if err != nil {
			return err
		}
		all, err := certificates(text)
		if err != nil {
			return err
		}
		if _, err := all[0].Verify(options); err != nil {
			failed = true
			fmt.Fprintf(r.p.Stdout, "%s: %s\nerror %s\n", shown, oneLine(all[0].Subject), problem(err, all[0], options.CurrentTime))
			continue
		}
		fmt.Fprintf(r.p.Stdout, "%s: OK\n", shown)
	}
	if failed {
		return refused{2, "error: verification failed"}
	}
	return nil
}

// problem returns openssl's number and text for a verification error.
func problem(err error, c *x509.Certificate, now time.Time) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(c.NotBefore):
		return "9 at 0 depth lookup:certificate is not yet valid"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "10 at 0 depth lookup:certificate has expired"
	case errors.As(err, &unknown) && bytes.Equal(c.RawIssuer, c.RawSubject):
		return "18 at 0 depth lookup:self signed certificate"
	case errors.As(err, &unknown):
		return "20 at 0 depth lookup:unable to get local issuer certificate"
	}
	return "24 at 0 depth lookup:" + strings.TrimPrefix(err.Error(), "x509: ")
}

// subjectOf parses a name in the form "/C=US/CN=www.example.com".
func subjectOf(text string) (pkix.Name, error) {
	var name pkix.Name
	if !strings.HasPrefix(text, "/") {
		return name, fmt.Errorf("Subject does not start with '/'.\nproblems making Certificate Request") //nolint:staticcheck // openssl uses these words
	}
	for part := range strings.SplitSeq(strings.Trim(text, "/"), "/") {
		key, value, _ := strings.Cut(part, "=")
		found := false
		for number, short := range shortNames {
			if short != key {
				continue
			}
			var oid []int
			for digits := range strings.SplitSeq(number, ".") {
				n, err := strconv.Atoi(digits)
				if err != nil {
					return name, err
				}
				oid = append(oid, n)
			}
			found = true
			name.ExtraNames = append(name.ExtraNames, pkix.AttributeTypeAndValue{Type: oid, Value: value})
		}
		if !found {
			return name, fmt.Errorf("Subject Attribute %s has no known NID", key) //nolint:staticcheck // openssl uses these words
		}
	}
	return name, nil
}

// request creates a certificate request, or with -x509 a self-signed
// certificate.
func request(_ context.Context, r *run) error {
	if r.has("in") {
		text, err := r.input("in")
		if err != nil {
			return err
		}
		found, err := requestOf(text)
		if err != nil {
			return err
		}
		if r.has("subject") {
			fmt.Fprintln(r.p.Stdout, "subject="+oneLine(found.Subject))
		}
		return nil
	}
	key, err := r.keyOfRequest()
	if err != nil {
		return err
	}
	if !r.has("subj") {
		return errors.New("unable to find 'distinguished_name' in config\nproblems making Certificate Request; give the name by -subj")
	}
	name, err := subjectOf(r.given["subj"])
	if err != nil {
		return err
	}
	if !r.has("x509") {
		raw, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{Subject: name}, key)
		if err != nil {
			return err
		}
		return r.output(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: raw}))
	}
	draft, err := r.draft(name)
	if err != nil {
		return err
	}
	draft.IsCA, draft.BasicConstraintsValid = true, true
	raw, err := x509.CreateCertificate(nil, draft, draft, key.Public(), key)
	if err != nil {
		return err
	}
	return r.output(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
}

// draft returns the template of a certificate whose validity starts now.
func (r *run) draft(name pkix.Name) (*x509.Certificate, error) {
	days, serial := 30, big.NewInt(r.p.Host.Now().UnixNano())
	if r.has("days") {
		number, err := strconv.Atoi(r.given["days"])
		if err != nil || number < 0 || number > 100_000 {
			return nil, fmt.Errorf("invalid value %q for -days", r.given["days"])
		}
		days = number
	}
	if r.has("set_serial") {
		if _, ok := serial.SetString(strings.TrimPrefix(r.given["set_serial"], "0x"), map[bool]int{true: 16, false: 10}[strings.HasPrefix(r.given["set_serial"], "0x")]); !ok || serial.Sign() <= 0 {
			return nil, fmt.Errorf("invalid value %q for -set_serial", r.given["set_serial"])
		}
	}
	now := r.p.Host.Now().UTC()
	draft := &x509.Certificate{SerialNumber: serial, Subject: name, NotBefore: now, NotAfter: now.Add(time.Duration(days) * day)}
	for _, attribute := range name.ExtraNames {
		if shortNames[attribute.Type.String()] == "CN" {
			draft.DNSNames = append(draft.DNSNames, fmt.Sprint(attribute.Value))
		}
	}
	return draft, nil
}

func requestOf(text []byte) (*x509.CertificateRequest, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("unable to load X509 request")
	}
	found, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil || found.CheckSignature() != nil {
		return nil, errors.New("unable to load X509 request")
	}
	return found, nil
}

// sign creates a certificate from a request.
func (r *run) sign(text []byte) (*x509.Certificate, error) {
	found, err := requestOf(text)
	if err != nil {
		return nil, err
	}
	draft, err := r.draft(pkix.Name{ExtraNames: found.Subject.Names})
	if err != nil {
		return nil, err
	}
	keyFile, issuer := r.given["signkey"], draft
	if r.has("CA") {
		keyFile = r.given["CAkey"]
		if keyFile == "" {
			keyFile = r.given["CA"]
		}
		text, err := r.file(r.given["CA"])
		if err != nil {
			return nil, err
		}
		all, err := certificates(text)
		if err != nil {
			return nil, errors.New("unable to load CA certificate")
		}
		issuer = all[0]
	}
	if keyFile == "" {
		return nil, errors.New("We need a private key to sign with, use -signkey or -CA") //nolint:staticcheck // openssl uses these words
	}
	key, err := r.key(keyFile)
	if err != nil {
		return nil, err
	}
	if issuer != draft && !samePublic(issuer.PublicKey, key.Public()) {
		return nil, errors.New("CA certificate and CA private key do not match")
	}
	raw, err := x509.CreateCertificate(nil, draft, issuer, found.PublicKey, key)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(r.p.Stderr, "Signature ok\nsubject=%s\n", oneLine(found.Subject))
	return x509.ParseCertificate(raw)
}

func samePublic(a, b crypto.PublicKey) bool {
	known, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && known.Equal(b)
}
