// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strings"
)

const (
	// pieceLength is the length, in bytes, of the pieces by which encoded secrets are
	// recognized. Programs such as base64 and xxd wrap their output, so one line shows
	// only part of a long secret.
	pieceLength = 8
	// denseLength is the maximum length of a secret for which the pieces at every
	// offset are stored. For a longer secret, only every pieceLength-th offset is
	// stored, to save memory: any 15 bytes of the secret still contain a stored
	// piece.
	denseLength = 4 << 10
)

// pieces recognizes data that contains part of a secret.
type pieces struct {
	known map[uint64]struct{}
	// short holds the secrets that are shorter than a piece.
	short [][]byte
}

// newPieces returns the pieces of whole secrets and of their lines.
func newPieces(whole, lines []string) pieces {
	p := pieces{known: map[uint64]struct{}{}}
	for _, secret := range lines {
		if len(secret) < pieceLength {
			p.short = append(p.short, []byte(secret))
			continue
		}
		p.add(secret)
	}
	for _, secret := range whole {
		p.add(secret)
	}
	return p
}

func (p pieces) add(secret string) {
	stride := 1
	if len(secret) > denseLength {
		stride = pieceLength
	}
	for at := 0; at+pieceLength <= len(secret); at += stride {
		p.known[binary.LittleEndian.Uint64([]byte(secret[at:at+pieceLength]))] = struct{}{}
	}
}

// isSecret reports whether the data contains a short secret or a piece of a
// secret.
func (p pieces) isSecret(data []byte) bool {
	for at := 0; at+pieceLength <= len(data); at++ {
		if _, known := p.known[binary.LittleEndian.Uint64(data[at:])]; known {
			return true
		}
	}
	for _, secret := range p.short {
		if bytes.Contains(data, secret) {
			return true
		}
	}
	return false
}

// base64Run matches texts that may be base64, in the standard alphabet or in
// the alphabet of URLs. The shortest secret has four bytes, which take six
// characters in base64.
var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}={0,2}`)

// fromURL replaces the two characters of the URL alphabet with the standard ones.
var fromURL = strings.NewReplacer("-", "+", "_", "/")

// base64 replaces runs of base64 that encode part of a secret. The run may begin before
// the encoded text, so base64 tries each of the four possible offsets.
func (r *Redactor) base64(text string) string {
	return base64Run.ReplaceAllStringFunc(text, func(run string) string {
		digits := []byte(fromURL.Replace(strings.TrimRight(run, "=")))
		decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
		for skip := range 4 {
			rest := digits[skip:]
			if len(rest)%4 == 1 {
				rest = rest[:len(rest)-1] // one character is less than a byte
			}
			n, err := base64.RawStdEncoding.Decode(decoded, rest)
			if err == nil && r.pieces.isSecret(decoded[:n]) {
				return r.mark
			}
		}
		return run
	})
}

// hexRun matches texts that may be bytes in hex, with separators as in hex dumps.
var hexRun = regexp.MustCompile(`[0-9A-Fa-f](?:[ :,-]?(?:0x|\\x)?[0-9A-Fa-f]){7,}`)

// hexDigits removes everything but the digits from a run.
var hexDigits = strings.NewReplacer(" ", "", ":", "", ",", "", "-", "", "0x", "", `\x`, "")

// hex replaces runs of hex digits that encode part of a secret.
func (r *Redactor) hex(text string) string {
	return hexRun.ReplaceAllStringFunc(text, func(run string) string {
		digits := []byte(hexDigits.Replace(run))
		decoded := make([]byte, len(digits)/2)
		for skip := range 2 {
			rest := digits[min(skip, len(digits)):]
			n, err := hex.Decode(decoded, rest[:len(rest)/2*2])
			if err == nil && r.pieces.isSecret(decoded[:n]) {
				return r.mark
			}
		}
		return run
	})
}

// percent replaces secrets in which some characters are percent-encoded, as in
// URLs.
func (r *Redactor) percent(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return r.percentDecoded(r.percentDecoded(text, false), true)
}

// percentDecoded replaces the parts of a text that decode to a secret. If plus is true,
// a plus sign decodes to a space.
func (r *Redactor) percentDecoded(text string, plus bool) string {
	decoded := make([]byte, 0, len(text))
	starts := make([]int, 0, len(text)+1) // where each decoded byte starts in text
	for at := 0; at < len(text); {
		starts = append(starts, at)
		if text[at] == '%' && at+2 < len(text) {
			if value, err := hex.DecodeString(text[at+1 : at+3]); err == nil {
				decoded = append(decoded, value[0])
				at += 3
				continue
			}
		}
		if plus && text[at] == '+' {
			decoded = append(decoded, ' ')
		} else {
			decoded = append(decoded, text[at])
		}
		at++
	}
	starts = append(starts, len(text))
	var shown strings.Builder
	done := 0 // how many decoded bytes are already copied or replaced
	for done < len(decoded) {
		first, length := r.firstSecret(decoded[done:])
		if length == 0 {
			break
		}
		shown.WriteString(text[starts[done]:starts[done+first]])
		shown.WriteString(r.mark)
		done += first + length
	}
	shown.WriteString(text[starts[done]:])
	return shown.String()
}

// firstSecret returns the position and length of the first secret in the data. If
// several secrets begin there, it returns the longest. The length is 0 if the data
// contains no secret.
func (r *Redactor) firstSecret(data []byte) (at, length int) {
	for _, secret := range r.secrets {
		found := bytes.Index(data, []byte(secret))
		if found >= 0 && (length == 0 || found < at) {
			at, length = found, len(secret)
		}
	}
	return at, length
}
