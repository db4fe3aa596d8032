// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
)

const (
	// lineSize is how much of a file one line holds, in bytes.
	lineSize = 48 << 10
	// digestPrefix begins the last line.
	digestPrefix       = "sha256 "
	digestPrefixLength = "7"
)

// uploadLines makes lines of base64 of a content, and a last one with its
// digest, which says that nothing is missing.
type uploadLines struct {
	content io.Reader
	sum     hash.Hash
	piece   []byte
	ready   bytes.Buffer
	ended   bool
}

func newUploadLines(content io.Reader) *uploadLines {
	return &uploadLines{content: content, sum: sha256.New(), piece: make([]byte, lineSize)}
}

// Read gives out the lines; its errors are those of the content.
func (l *uploadLines) Read(p []byte) (int, error) {
	for l.ready.Len() == 0 {
		if l.ended {
			return 0, io.EOF
		}
		if err := l.next(); err != nil {
			return 0, err
		}
	}
	return l.ready.Read(p)
}

// next makes the next line ready, and the last one at the end.
func (l *uploadLines) next() error {
	n, err := l.content.Read(l.piece)
	l.ended = err == io.EOF
	if err != nil && !l.ended {
		return err
	}
	if n > 0 {
		l.sum.Write(l.piece[:n])
		l.ready.WriteString(base64.StdEncoding.EncodeToString(l.piece[:n]) + "\r\n")
	}
	if l.ended {
		l.ready.WriteString(digestPrefix + hex.EncodeToString(l.sum.Sum(nil)) + "\r\n")
	}
	return nil
}
