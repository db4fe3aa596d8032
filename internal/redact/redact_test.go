// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

const secret = "s3cret/with+odd&signs?"

// percentAll percent-encodes every byte.
func percentAll(text string) string {
	var all strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&all, "%%%02x", b)
	}
	return all.String()
}

func TestSecretsAreRemoved(t *testing.T) {
	t.Parallel()
	r := New("***", secret, "pin:4711")
	for name, text := range map[string]string{
		"as it is":                 secret,
		"in JSON":                  `s3cret/with+odd\u0026signs?`,
		"in a query":               url.QueryEscape(secret),
		"in a path":                url.PathEscape(secret),
		"every byte in a URL":      percentAll(secret),
		"in a URL, capital digits": strings.ToUpper(percentAll("s"))[:3] + secret[1:],
		"hex":                      hex.EncodeToString([]byte(secret)),
		"capital hex":              strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"hex dump":                 strings.TrimSpace(fmt.Sprintf("% x", secret)),
		"hex with colons":          strings.ReplaceAll(fmt.Sprintf("% x", secret), " ", ":"),
		"hex in pairs of bytes":    "7333 6372 6574 2f77 6974",
		"base64":                   base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 without padding":   base64.RawStdEncoding.EncodeToString([]byte(secret)),
		"base64 of URLs":           base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64 of URLs, raw":      base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"base64 after one byte":    base64.StdEncoding.EncodeToString([]byte("x" + secret + "y")),
		"base64 after two bytes":   base64.StdEncoding.EncodeToString([]byte("xx" + secret + "y")),
		"base64 of a login":        base64.StdEncoding.EncodeToString([]byte("root:" + secret)),
		"base64 after a letter":    "Q" + base64.StdEncoding.EncodeToString([]byte(secret)),
		"split by an escape":       secret[:5] + "\x1b[0m" + secret[5:],
		"split by a zero width":    secret[:5] + "\u200b" + secret[5:],
	} {
		got := r.Text("it is <" + text + ">!")
		if got != "it is <***>!" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if got := r.Text(base64.StdEncoding.EncodeToString([]byte("it is pin:4711"))); got != "***" {
		t.Errorf("a short secret in base64: got %q", got)
	}
}

func TestOtherTextsStay(t *testing.T) {
	t.Parallel()
	r := New("***", secret, "abc", "")
	for _, text := range []string{
		"", "grid.server.add web", "100 % of 12 %zz%", "abc", "GSI-00000000-1111-2222-3333-444444444444", strings.Repeat("ab", 32),
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5mZ2Rm", "/usr/lib/python3/dist-packages", "a+b=c%20d",
	} {
		if got := r.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := New("***").Text("nothing is secret"); got != "nothing is secret" {
		t.Errorf("without secrets: got %q", got)
	}
}

// Programs such as base64 and xxd wrap their output, and each line is redacted
// separately.
func TestWrappedLinesAreRemoved(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed text
	for _, length := range []int{100, 5 << 10} {
		file := make([]byte, length)
		for i := range file {
			file[i] = byte('!' + random.IntN(90))
		}
		r := New("(secret)", string(file))
		for name, wrapped := range map[string]struct {
			text  string
			width int
		}{
			"base64": {base64.StdEncoding.EncodeToString(file), 76},
			"hex":    {hex.EncodeToString(file), 60},
		} {
			for start := 0; start+wrapped.width <= len(wrapped.text); start += wrapped.width {
				if got := r.Text(wrapped.text[start : start+wrapped.width]); got != "(secret)" {
					t.Fatalf("%s of %d bytes, line at %d: got %q", name, length, start, got)
				}
			}
		}
	}
}

// core returns the base64 characters that depend only on the secret if skip bytes
// precede it.
func core(secret string, skip int, encoding *base64.Encoding) string {
	text := encoding.WithPadding(base64.NoPadding).EncodeToString([]byte(strings.Repeat("x", skip) + secret))
	return text[(8*skip+5)/6 : 8*(skip+len(secret))/6]
}

func FuzzEncodings(f *testing.F) {
	f.Add("", secret, "")
	f.Add("root:", "pass", "\n")
	f.Add("%", "a b c d+%41", "%")
	f.Add("\xff", "line one\nline two\n", "AAAA")
	f.Add("x", "\u200b\u200babcd", "y")
	f.Fuzz(func(t *testing.T, before, hidden, after string) {
		if len(before)+len(hidden)+len(after) > untrusted.MaxText/8 || len(split([]string{hidden})) == 0 {
			return
		}
		const mark = "\u25a0" // neither base64 nor hex
		r := New(mark, hidden)
		whole := strings.TrimSpace(hidden)
		if tooShort(whole) {
			return
		}
		all := before + hidden + after
		if got := r.Text(all); strings.Contains(got, whole) {
			t.Errorf("%q is left in %q", whole, got)
		}
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			got := r.Text(encoding.EncodeToString([]byte(all)))
			for skip := range 3 {
				if left := core(whole, skip, encoding); strings.Contains(got, left) {
					t.Errorf("base64: %q is left in %q", left, got)
				}
			}
		}
		if got := r.Text(hex.EncodeToString([]byte(all))); strings.Contains(got, hex.EncodeToString([]byte(whole))) {
			t.Errorf("hex: %q is left in %q", whole, got)
		}
		for _, text := range []string{url.QueryEscape(all), url.PathEscape(all), percentAll(all)} {
			got := r.Text(text)
			for _, left := range []string{url.QueryEscape(whole), url.PathEscape(whole), percentAll(whole)} {
				if strings.Contains(got, left) {
					t.Errorf("URL: %q is left in %q", left, got)
				}
			}
		}
	})
}

func BenchmarkLine(b *testing.B) {
	r := New("(secret)", secret, strings.Repeat("some line of a secret file\n", 100))
	line := "Setting up libssl3:amd64 (3.0.15-1~deb12u1) ... /usr/share/doc/libssl3/changelog.Debian.gz 5d41402abc4b2a76b9719d911017c592"
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		_ = r.Text(line)
	}
}
