// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"software.sslmate.com/src/go-pkcs12"
)

const (
	// CertificateNotice is the remaining validity below which a certificate
	// causes a warning.
	CertificateNotice = 30 * 24 * time.Hour

	maxPKCS12Size       = 1 << 20
	maxPasswordFileSize = 4 << 10
)

// checkCertificates opens every certificate that a step imports, and every other
// one for which given.Passwords has a password.
func (in *inspection) checkCertificates(ctx context.Context, given Inspection) {
	imported := map[string]bool{}
	for i, step := range in.recipe.Steps {
		if step.Certificate == nil {
			continue
		}
		imported[step.Certificate.File] = true
		at := Problem{Field: FieldSteps, Index: i, Attribute: "certificate.file"}
		if password, ok := in.password(ctx, i, *step.Certificate, given); ok {
			in.checkCertificate(ctx, at, step.Certificate.File, password, given.Now)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(given.Passwords)) {
		at := Problem{Field: FieldPasswords, Path: file}
		if _, ok := in.find(file); !ok {
			in.addProblem(at, fmt.Errorf("is not a file in the archive%s", in.suggestion(file)))
		} else if !imported[file] {
			in.checkCertificate(ctx, at, file, given.Passwords[file], given.Now)
		}
		imported[file] = true
	}
	for _, it := range in.items {
		if strings.HasPrefix(it.path, "certs/") && isPKCS12(it.path) && !imported[it.path] {
			in.warnings = append(in.warnings, Problem{
				Field: it.field(), Path: it.path,
				Err: errors.New("was not opened, so it may be unusable: no certificate step names it, and certificate_passwords has no password for it"),
			})
		}
	}
}

func (in *inspection) addProblem(at Problem, err error) {
	at.Err = err
	in.problems = append(in.problems, at)
}

// password returns the password of a certificate. ok is false if its password
// file is missing or invalid; the certificate then cannot be opened.
func (in *inspection) password(ctx context.Context, step int, certificate Certificate, given Inspection) (password string, ok bool) {
	fromMap, inMap := given.Passwords[certificate.File]
	if certificate.PasswordFile == "" {
		return fromMap, true // no password: the certificate may not need one
	}
	at := Problem{Field: FieldSteps, Index: step, Attribute: "certificate.password_file"}
	it, found := in.find(certificate.PasswordFile)
	if !found {
		return "", false // requireFile has already reported the missing file
	}
	text, err := in.read(ctx, it, maxPasswordFileSize)
	if err == nil {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
		err = checkPassword(text, in.recipe.OS)
	}
	if err == nil && inMap && fromMap != text {
		err = errors.New("holds another password than certificate_passwords: remove one of the two")
	}
	if err != nil {
		in.addProblem(at, fmt.Errorf("%q %w", certificate.PasswordFile, err))
		return "", false
	}
	return text, true
}

// checkPassword rejects a password that cannot be read back as one line. The
// error never contains any part of the password.
func checkPassword(password string, os OS) error {
	switch {
	case password == "":
		return errors.New("is empty: its only line must be the password")
	case strings.HasPrefix(password, byteOrderMark) || strings.ContainsRune(password, 0):
		return errors.New("is not plain text: save it as ASCII or UTF-8 without a byte order mark")
	case strings.ContainsAny(password, "\r\n"):
		return errors.New("has more than one line: its only line must be the password")
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("holds a control character")
	case os == Windows && strings.ContainsRune(password, '"'):
		return errors.New("holds a double quote, which cmd cannot pass on reliably: export the certificate again with another password")
	}
	return nil
}

// read returns the content of a file of the archive, at most limit bytes.
func (in *inspection) read(ctx context.Context, it item, limit int64) (string, error) {
	content, err := in.source.open(ctx, it)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = content.Close() }() // opened for reading only
	return readAtMost(content, limit)
}

// checkCertificate opens one file. It reports a problem if the certificate is
// unusable or expired, and a warning if it is not valid yet or expires soon.
func (in *inspection) checkCertificate(ctx context.Context, at Problem, file, password string, now time.Time) {
	it, found := in.find(file)
	if !found {
		return // requireFile has already reported the missing file
	}
	text, err := in.read(ctx, it, maxPKCS12Size)
	var leaf *x509.Certificate
	if err == nil {
		leaf, err = openPKCS12(ctx, []byte(text), password)
	}
	if err == nil && now.After(leaf.NotAfter) {
		err = fmt.Errorf("holds a certificate for %s that expired on %s: put a renewed one in its place", subject(leaf), day(leaf.NotAfter))
	}
	if err != nil {
		in.addProblem(at, at.name(file, err))
		return
	}
	switch {
	case now.Before(leaf.NotBefore):
		err = fmt.Errorf("holds a certificate for %s that is not valid before %s", subject(leaf), day(leaf.NotBefore))
	case leaf.NotAfter.Sub(now) < CertificateNotice:
		err = fmt.Errorf("holds a certificate for %s that expires on %s, in less than %d days: renew it soon", subject(leaf), day(leaf.NotAfter), CertificateNotice/(24*time.Hour))
	default:
		return
	}
	at.Err = at.name(file, err)
	in.warnings = append(in.warnings, at)
}

// name prefixes err with the path of a file, unless p.Path already names it.
func (p Problem) name(file string, err error) error {
	if p.Path != "" {
		return err
	}
	return fmt.Errorf("%q %w", file, err)
}

// openPKCS12 returns the certificate that belongs to the private key of a PKCS #12
// file. maxIterations and maxOpening limit the work.
func openPKCS12(ctx context.Context, content []byte, password string) (*x509.Certificate, error) {
	if err := checkIterations(content); err != nil {
		return nil, err
	}
	var leaf *x509.Certificate
	err := bounded(ctx, func() (err error) {
		leaf, err = decodePKCS12(content, password)
		return err
	})
	if err != nil {
		return nil, err
	}
	return leaf, nil
}

func decodePKCS12(content []byte, password string) (*x509.Certificate, error) {
	key, leaf, chain, err := pkcs12.DecodeChain(content, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && password == "":
		return nil, errors.New("needs a password: give it by the step's password_file or in certificate_passwords")
	case errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption):
		return nil, errors.New("cannot be opened: the password is wrong")
	case err != nil:
		return nil, explainPKCS12(content, password, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("has a private key of an unsupported type (%T)", key)
	}
	for _, certificate := range append([]*x509.Certificate{leaf}, chain...) {
		if public, ok := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); ok && public.Equal(signer.Public()) {
			return certificate, nil
		}
	}
	return nil, fmt.Errorf("has a private key that does not belong to its certificate for %s: export both together", subject(leaf))
}

// unreadablePKCS12Error reports a file that is no PKCS #12 file, or one in a form that
// the decoder does not know. Its text does not quote the decoder, whose errors dump the
// internals of encoding/asn1.
type unreadablePKCS12Error struct{ cause error }

func (e *unreadablePKCS12Error) Error() string {
	return "is not a usable PKCS #12 file: it is damaged, has another format such as PEM, or uses an encryption that this provider does not know; " +
		"export it again as PFX (PKCS #12), for example with: openssl pkcs12 -export -in cert.pem -inkey key.pem -out cert.pfx"
}

func (e *unreadablePKCS12Error) Unwrap() error { return e.cause }

// explainPKCS12 says whether the private key or the certificate is missing. The
// decoder has no typed error for either, so its message is matched, and then
// the file is decoded as a trust store.
func explainPKCS12(content []byte, password string, cause error) error {
	switch {
	case strings.HasSuffix(cause.Error(), "private key missing"):
		return errors.New("holds no private key, so a server could not use it: export the certificate again, with its private key")
	case strings.HasSuffix(cause.Error(), "certificate missing"):
		return errors.New("holds no certificate: export it again, certificate and private key together")
	}
	if trusted, err := pkcs12.DecodeTrustStore(content, password); err == nil && len(trusted) > 0 {
		return errors.New("holds no private key, so a server could not use it: export the certificate again, with its private key")
	}
	return &unreadablePKCS12Error{cause}
}

func subject(certificate *x509.Certificate) string {
	if name := certificate.Subject.CommonName; name != "" {
		return fmt.Sprintf("%q", name)
	}
	if len(certificate.DNSNames) > 0 {
		return fmt.Sprintf("%q", certificate.DNSNames[0])
	}
	return "an unnamed subject"
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
