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
	// pieceLength is the length of the pieces by which encoded secrets are found, in
	// bytes. Programs such as base64 and xxd wrap their lines, so one line shows only
	// a part of a long secret.
	pieceLength = 8
	// denseLength is the length up to which every piece of a secret is known. Of a
	// longer secret every pieceLength-th piece is known, to save memory: any part
	// of 15 bytes holds one.
	denseLength = 4 << 10
)

// pieces recognizes bytes that hold a part of a secret.
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

// isSecret reports whether the data hold a short secret or a piece of a secret.
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

// base64Run matches texts that may be base64, in the standard alphabet or in the
// alphabet of URLs. Four bytes, the shortest secret, have six characters.
var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}={0,2}`)

// fromURL replaces the two characters of the URL alphabet with the standard ones.
var fromURL = strings.NewReplacer("-", "+", "_", "/")

// base64 replaces runs of base64 that encode a part of a secret. The run may begin
// before the encoded text, so each of the four positions in a group is tried.
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

// hexDigits keeps the digits of a run.
var hexDigits = strings.NewReplacer(" ", "", ":", "", ",", "", "-", "", "0x", "", `\x`, "")

// hex replaces runs of hex digits that encode a part of a secret.
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

// percent replaces secrets with some characters in the form %41, as in URLs.
func (r *Redactor) percent(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return r.percentDecoded(r.percentDecoded(text, false), true)
}

// percentDecoded replaces the parts of a text that decode to a secret. A plus sign
// stands for a space if plus is true.
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
	done := 0 // the decoded bytes that are shown or replaced
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

// firstSecret returns where the first secret is in the data, and its length. It
// returns the longest of the secrets that begin there. The length is 0 if there is
// none.
func (r *Redactor) firstSecret(data []byte) (at, length int) {
	for _, secret := range r.secrets {
		found := bytes.Index(data, []byte(secret))
		if found >= 0 && (length == 0 || found < at) {
			at, length = found, len(secret)
		}
	}
	return at, length
}
