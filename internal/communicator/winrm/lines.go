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
	// lineSize is the number of content bytes in one line.
	lineSize = 48 << 10
	// digestPrefix starts the last line.
	digestPrefix       = "sha256 "
	digestPrefixLength = "7"
)

// uploadLines is a reader that encodes content as lines of base64. A last line
// with the digest shows that the content is complete.
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

// Read returns the lines. If reading the content fails, Read returns that error.
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

// next prepares the next line. At the end of the content it also prepares the
// line with the digest.
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
