// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	r := newRedactor(testKey, testSecret)
	sig := "e9aafd0a5d4c69bb24536be4bce8a528"
	for _, test := range []struct{ name, text, want string }{
		{"plain", "grid.server.add web", "grid.server.add web"},
		{"secret as it is", "it is " + testSecret + "!", "it is ***!"},
		{"secret in a query", "x=" + url.QueryEscape(testSecret) + "&y=1", "x=***&y=1"},
		{"secret in JSON", `{"x":"s3cret/with+odd\u0026signs"}`, `{"x":"***"}`},
		{"owner of a job", testKey + "-500001@api.gogrid.com", "***-500001@api.gogrid.com"},
		{"form", "name=web&sig=" + sig + "&api_key=ffff&v=1.9", "name=web&sig=***&api_key=***&v=1.9"},
		{"form in a form", "u=%2Fx%3Fsig%3D" + sig, "u=%2Fx%3Fsig%3D***"},
		{"signature alone", "expected " + strings.ToUpper(sig) + ".", "expected ***."},
		{"image name", "GSI-00000000-1111-2222-3333-444444444444", "GSI-00000000-1111-2222-3333-444444444444"},
		{"digest", strings.Repeat("ab", 32), strings.Repeat("ab", 32)},
		{"password member", `{"username":"root","password" : "a\"b","id":1}`, `{"username":"root","password" : "***","id":1}`},
		{"password cut off", `{"password":"exa-mpl`, `{"password":"***"`},
		{"password in XML", `<attribute name="password">exa</attribute>`, `<attribute name="password">***</attribute>`},
	} {
		if got := r.Text(test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRedactHead(t *testing.T) {
	t.Parallel()
	r := newRedactor(testKey, testSecret)
	for shift := range 300 {
		text := strings.Repeat("x", shift) + testSecret + strings.Repeat("y", 400)
		got := r.Head([]byte(text), 64)
		if len(got) > 64 || strings.Contains(got, testSecret[:6]) {
			t.Fatalf("shift %d: got %q", shift, got)
		}
	}
	if got := r.Head([]byte(strings.Repeat("é", 100)), 65); got != strings.Repeat("é", 32) {
		t.Errorf("got %q, want only complete characters", got)
	}
}

func TestRedactError(t *testing.T) {
	t.Parallel()
	r := newRedactor(testKey, testSecret)
	inner := &url.Error{Op: "Post", URL: "https://api.gogrid.com/api?api_key=" + testKey + "&sig=abc", Err: fmt.Errorf("secret %s: %w", testSecret, io.EOF)}
	err := r.Error(inner)
	if !errors.Is(err, io.EOF) {
		t.Error("errors.Is does not find the cause")
	}
	var wrapped *url.Error
	if !errors.As(err, &wrapped) {
		t.Error("errors.As does not find the type of the cause")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if text := fmt.Sprintf("%v %+v", e, e); strings.Contains(text, testKey) || strings.Contains(text, testSecret) || strings.Contains(text, "sig=abc") {
			t.Errorf("the chain prints %q", text)
		}
	}
	if r.Error(nil) != nil {
		t.Error("nil became an error")
	}
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{"", "sig=", "?api_key=", `{"password":"`, `"password":"\`, "%3D", "<attribute name=\"password\">", "a=b&", "\xff", "***"} {
		f.Add(seed, seed)
	}
	r := newRedactor(testKey, testSecret)
	const sig = "e9aafd0a5d4c69bb24536be4bce8a528"
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, secret := range []string{testKey, testSecret, url.QueryEscape(testSecret)} {
			for _, got := range []string{r.Text(before + secret + after), r.Head([]byte(before+secret+after), 40)} {
				if strings.Contains(got, secret) {
					t.Errorf("the secret %q remains in %q", secret, got)
				}
			}
		}
		for _, text := range []string{
			before + "&sig=" + sig + "&" + after,
			before + "\n" + sig + "\n" + after,
		} {
			if got := r.Text(text); strings.Contains(got, sig) && !strings.Contains(before+after, sig) {
				t.Errorf("the signature remains in %q", got)
			}
		}
	})
}
