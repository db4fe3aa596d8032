// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityFile    = "ca.pem"
	authorityKeyFile = "ca-key.pem"
	authorityLife    = 10 * 365 * 24 * time.Hour
	certificateLife  = 365 * 24 * time.Hour
	// clockSkew is the maximum time by which a client's clock may lag behind the
	// simulator's clock.
	clockSkew = time.Hour
)

// authority is a certificate authority that the grid generates for itself.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// keptAuthority returns the authority stored in dir. It creates and stores a
// new authority if dir has none, or if the stored authority would expire before
// a certificate that it signs now.
func keptAuthority(dir string, now time.Time) (*authority, error) {
	a, err := readAuthority(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read the certificate authority of the grid: %w; remove %s to create a new one", err, dir)
	case a.certificate.NotAfter.After(now.Add(certificateLife)):
		return a, nil
	}
	if a, err = newAuthority(now); err == nil {
		err = a.writeTo(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority for the grid: %w", err)
	}
	return a, nil
}

func readAuthority(dir string) (*authority, error) {
	// If the key file is missing, the certificate is useless. LoadX509KeyPair then
	// returns ErrNotExist, and the caller creates a new pair.
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, authorityFile), filepath.Join(dir, authorityKeyFile))
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%s is not the certificate of an authority that this program created", authorityFile)
	}
	return &authority{pair.Leaf, key}, nil
}

func newAuthority(now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serialNumber(), Subject: pkix.Name{CommonName: "Simulated GoGrid grid " + rand.Text()[:8]},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return sign(template, &authority{template, key}, key)
}

// issue creates a certificate for hosts, which are names or addresses.
func (a *authority) issue(now time.Time, hosts []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serialNumber(), Subject: pkix.Name{CommonName: hosts[0]},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(certificateLife),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	leaf, err := sign(template, a, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.certificate.Raw, a.certificate.Raw}, PrivateKey: key, Leaf: leaf.certificate}, nil
}

// sign returns key and a certificate for it.
func sign(template *x509.Certificate, by *authority, key *ecdsa.PrivateKey) (*authority, error) {
	raw, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return &authority{certificate, key}, err
}

// serialNumber returns a random number, because clients reject two certificates
// with the same number from one authority.
func serialNumber() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return new(big.Int).SetBytes(b[:])
}

// writeTo writes the key first, so a stored certificate always has its key.
func (a *authority) writeTo(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, authorityKeyFile), "PRIVATE KEY", key); err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, authorityFile), "CERTIFICATE", a.certificate.Raw)
}

// writePEM replaces a file atomically. Only its owner can read the new file.
func writePEM(path, kind string, content []byte) error {
	return replaceFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
}
