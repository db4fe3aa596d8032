// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"io"
	"math"
	"testing"

	"software.sslmate.com/src/go-pkcs12"
)

// TestPKCS12Iterations checks that a large iteration count in any part of a file is an
// error.
func TestPKCS12Iterations(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	certificate := testCertificate(t, key, -dayLong, 365*dayLong)
	for name, encoder := range map[string]*pkcs12.Encoder{
		"modern": pkcs12.Modern2026, "with a separate MAC": pkcs12.Modern2023, "triple DES": pkcs12.LegacyDES, "RC2": pkcs12.LegacyRC2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := encoder.WithIterations(1<<16).Encode(key, certificate, nil, canary)
			if err != nil {
				t.Fatal(err)
			}
			before, large := []byte{2, 3, 1, 0, 0}, []byte{2, 3, 0x7f, 0xff, 0xff}
			parts := bytes.Count(content, before)
			if parts != 3 {
				t.Fatalf("the file has %d iteration counts, want 3: one each for the MAC, the certificate and the key", parts)
			}
			if total, err := iterations(content, 0); total != 3<<16 || err != nil {
				t.Errorf("%d iterations (%v), want %d", total, err, 3<<16)
			}
			for part := range parts {
				changed := replaceNth(content, before, large, part)
				recipe := Recipe{
					OS: Windows, Files: map[string]string{"certs/x.pfx": string(changed)}, Steps: []Step{{Certificate: &Certificate{File: "certs/x.pfx"}}},
					Inspection: &Inspection{Now: testNow(), Passwords: map[string]string{"certs/x.pfx": canary}},
				}
				archive, err := recipe.Build(t.Context(), io.Discard)
				checkOutcome(t, archive, err, `steps[0] certificate.file: "certs/x.pfx" uses 8519679 key iterations, at most 5000000 are allowed`, "")
			}
		})
	}
}

func replaceNth(content, old, replacement []byte, n int) []byte {
	at := 0
	for range n {
		at += bytes.Index(content[at:], old) + len(old)
	}
	at += bytes.Index(content[at:], old)
	return append(append(bytes.Clone(content[:at]), replacement...), content[at+len(old):]...)
}

func TestIterations(t *testing.T) {
	t.Parallel()
	type parameters struct {
		Salt  []byte
		Count int64
	}
	marshal := func(value any) []byte {
		data, err := asn1.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	salt := []byte("salt")
	deep := marshal(parameters{salt, 1})
	for range maxNesting {
		deep = marshal(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: deep})
	}
	for name, tc := range map[string]struct {
		content []byte
		want    int64
		err     error
	}{
		"two to the 31":  {marshal(parameters{salt, 1 << 31}), 1 << 31, nil},
		"in octets":      {marshal(struct{ Data []byte }{marshal(parameters{salt, 7})}), 7, nil},
		"many":           {marshal([]parameters{{salt, math.MaxInt64 - 1}, {salt, 5}}), math.MaxInt64, nil},
		"negative":       {marshal(parameters{salt, -5}), 0, nil},
		"no salt before": {marshal([]int64{1 << 40, 1 << 40}), 0, nil},
		"too large":      {marshal(struct{ Salt, Count asn1.RawValue }{asn1.RawValue{Tag: asn1.TagOctetString}, asn1.RawValue{Tag: asn1.TagInteger, Bytes: []byte("0123456789")}}), math.MaxInt64, nil},
		"salt of another class": {marshal(struct {
			Salt  asn1.RawValue
			Count int
		}{asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: asn1.TagOctetString}, 7}), 7, nil},
		"no DER": {[]byte("hello"), 0, nil},
		"deep":   {deep, 0, errNesting},
	} {
		if got, err := iterations(tc.content, 0); got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s: %d iterations (%v), want %d (%v)", name, got, err, tc.want, tc.err)
		}
	}
}

// TestBoundedDecoding checks that a cancelled context ends the wait for a decoder that
// never returns.
func TestBoundedDecoding(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stop := make(chan struct{})
	defer close(stop)
	err := bounded(ctx, func() error {
		cancel()
		<-stop
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
}
