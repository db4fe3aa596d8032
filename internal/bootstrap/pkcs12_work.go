// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	// maxIterations limits the total number of key iterations of all parts of a PKCS #12
	// file. Windows and OpenSSL use a few thousand per part, and Firefox up to a million.
	maxIterations = 5_000_000
	// maxNesting limits how deeply the elements of a PKCS #12 file are nested. Files from
	// common programs have about 20 levels.
	maxNesting = 64
	// maxOpening limits the time to open one PKCS #12 file. The limit matters only for
	// parts that are encrypted twice: the iteration counts inside are unknown before the
	// first decryption.
	maxOpening = time.Minute
)

var errNesting = errors.New("its elements are nested too deep")

// checkIterations returns an error if opening a PKCS #12 file takes more than
// maxIterations. The file sets the number of iterations, and a large number would keep
// a processor busy for days.
func checkIterations(content []byte) error {
	total, err := iterations(content, 0)
	if err != nil {
		return &unreadablePKCS12Error{err}
	}
	if total > maxIterations {
		return fmt.Errorf("uses %d key iterations, at most %d are allowed: export it again with the usual number, for example with: "+
			"openssl pkcs12 -export -in cert.pem -inkey key.pem -out cert.pfx", total, maxIterations)
	}
	return nil
}

// iterations returns the sum of the iteration counts in DER data. Every algorithm of
// PKCS #12 stores its count as an integer right after the salt, an octet string. Octet
// strings may also hold other data that only starts like DER, so the count stops at
// the first part that is not DER.
func iterations(data []byte, depth int) (int64, error) {
	if depth > maxNesting {
		return 0, errNesting
	}
	var total int64
	afterSalt := false
	for len(data) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(data, &element)
		if err != nil {
			return total, nil //nolint:nilerr // the decoder reports damaged files
		}
		data = rest
		isOctets := element.Tag == asn1.TagOctetString // the decoder accepts a salt of any class
		switch {
		case afterSalt && element.Class == asn1.ClassUniversal && element.Tag == asn1.TagInteger:
			total = addIterations(total, element)
		case element.IsCompound || isOctets:
			inner, err := iterations(element.Bytes, depth+1)
			if err != nil {
				return 0, err
			}
			total = saturate(total, inner)
		}
		afterSalt = isOctets
	}
	return total, nil
}

// addIterations adds the value of an integer. A value that does not fit into an int64
// counts as the largest int64, and a negative value as 0.
func addIterations(total int64, element asn1.RawValue) int64 {
	var count int64
	if _, err := asn1.Unmarshal(element.FullBytes, &count); err != nil {
		return math.MaxInt64
	}
	return saturate(total, max(count, 0))
}

// saturate adds two non-negative numbers, and returns the largest int64 if the sum
// overflows.
func saturate(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// bounded calls decode, and returns early if ctx ends or maxOpening passes. A decoder
// cannot be interrupted, so decode then continues in the background.
func bounded(ctx context.Context, decode func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, maxOpening, fmt.Errorf("takes longer than %s to open: export it again with the usual number of key iterations", maxOpening))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- decode() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
