// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// hostile is a text that clears the screen, changes the window title, reverses the
// reading direction and imitates a Terraform error.
const hostile = "no\x1b[2J\x1b]0;owned\a\u202Egnp\u009b31m\n\nError: fake\u200B"

// hidesNothing reports whether a text is one line without control or invisible
// characters.
func hidesNothing(text string) bool {
	return !strings.ContainsAny(text, "\x1b\a\u202E\u009b\n\u200B")
}

// Errors and logs quote the service, so a hostile service must not inject
// control characters.
func TestServiceTextsAreFiltered(t *testing.T) {
	t.Parallel()
	for name, answered := range map[string]reply{
		"message": {status: 400, body: `{"status":"failure","list":[{"message":` + quoted(t, hostile) + `,"errorcode":` + quoted(t, hostile) + `}]}`},
		"page":    {status: 500, body: "<h1>" + hostile},
		"header":  {status: 403, body: "x", header: map[string][]string{masheryCode: {hostile}}},
	} {
		var j journal
		c := newTestClient(t, &service{answer: func(string, url.Values) reply { return answered }}, WithLog(j.log))
		_, err := c.IPs.List(t.Context(), IPFilter{})
		failed := asError(t, err)
		if !hidesNothing(failed.Error()) || !hidesNothing(failed.Message) || !hidesNothing(failed.Code) {
			t.Errorf("%s: got %q", name, failed)
		}
		if code, _ := j.lines[0]["code"].(string); !hidesNothing(code) {
			t.Errorf("%s: the log has the code %q", name, code)
		}
		if text, ok := j.lines[0]["answer"].(lazyText); !ok || strings.ContainsAny(text(), "\x1b\a\u202E\u009b\u200B") {
			t.Errorf("%s: the log has the answer %q", name, text())
		}
	}
	job := Job{History: []JobState{{Note: hostile}}}
	if got := job.Reason(); got != "nognp  Error: fake" {
		t.Errorf("the reason of a job is %q", got)
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A debugging page may show the secret in base64, hex or URLs.
func TestEncodedSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	r := newRedactor(testKey, testSecret)
	for _, text := range []string{
		base64.StdEncoding.EncodeToString([]byte(testKey + ":" + testSecret)),
		base64.RawURLEncoding.EncodeToString([]byte("x" + testSecret)),
		"73336372 65742f77 6974682b",
		"%73%33%63%72%65%74%2f%77ith%2Bodd%26signs",
	} {
		if got := r.Text("<" + text + ">"); got != "<***>" {
			t.Errorf("%s became %q", text, got)
		}
	}
}
