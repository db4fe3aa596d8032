// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// journal records the logged lines.
type journal struct {
	mu    sync.Mutex
	lines []map[string]any
}

func (j *journal) log(_ context.Context, message string, fields map[string]any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	fields["message"] = message
	j.lines = append(j.lines, fields)
}

func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		s := &service{answer: func(string, url.Values) reply {
			if tries++; tries == 1 {
				return failure(500, "UnexpectedException", "oops")
			}
			return reply{body: success(ipJSON(1, "203.0.113.7", true, false))}
		}}
		var j journal
		c := newTestClient(t, s, WithLog(j.log), WithMaxRetries(1))
		if _, err := c.IPs.List(t.Context(), IPFilter{State: IPUnassigned}); err != nil {
			t.Fatal(err)
		}
		if len(j.lines) != 2 {
			t.Fatalf("%d lines for two tries", len(j.lines))
		}
		for i, want := range []map[string]any{
			{"message": "GoGrid call", "method": "grid.ip.list", "try": 1, "status": 500},
			{"message": "GoGrid call", "method": "grid.ip.list", "try": 2, "status": 200, "bytes": len(success(ipJSON(1, "203.0.113.7", true, false)))},
		} {
			for key, value := range want {
				if j.lines[i][key] != value {
					t.Errorf("line %d: %s is %v, want %v", i, key, j.lines[i][key], value)
				}
			}
			if _, timed := j.lines[i]["duration_ms"].(float64); !timed {
				t.Errorf("line %d has no duration", i)
			}
			if parameters := fmt.Sprint(j.lines[i]["parameters"]); !strings.Contains(parameters, "ip.state=Unassigned") {
				t.Errorf("line %d: parameters %q", i, parameters)
			}
		}
	})
}

// A lazy text is redacted only when it is printed, as text or as JSON.
func TestLogIsMadeWhenItIsPrinted(t *testing.T) {
	t.Parallel()
	asked := 0
	text := lazyText(func() string { asked++; return `a "text"` })
	fields := map[string]any{"answer": text}
	if asked != 0 {
		t.Error("the text was computed before it was printed")
	}
	if got := fmt.Sprintf("%v %s", fields, text); got != `map[answer:a "text"] a "text"` {
		t.Errorf("printed as %q", got)
	}
	if got, err := json.Marshal(fields); err != nil || string(got) != `{"answer":"a \"text\""}` {
		t.Errorf("encoded as %s (%v)", got, err)
	}
}

// Neither the log nor the error of a call may contain a secret, however the
// call ends.
func TestNoSecretLeavesTheClient(t *testing.T) {
	t.Parallel()
	const password = "exa-mple-1"
	// echo returns a page that repeats the request and the secret, as a
	// debugging page might.
	echo := func(form url.Values) string {
		return fmt.Sprintf("<html>%s %s %s %v</html>", testSecret, form.Encode(), form.Get("sig"), form)
	}
	for _, fault := range []struct {
		name   string
		answer func(form url.Values) reply
	}{
		{"page", func(form url.Values) reply { return reply{status: 500, body: echo(form)} }},
		{"message", func(form url.Values) reply { return failure(400, form.Get("sig"), echo(form)) }},
		{"transport", func(form url.Values) reply {
			return reply{err: &url.Error{Op: "Post", URL: "https://x/?" + form.Encode(), Err: fmt.Errorf("%s", echo(form))}}
		}},
		{"success", func(form url.Values) reply {
			return reply{body: success(fmt.Sprintf(`{"id":1,"password":%q,"username":"root","name":%q}`, password, echo(form)))}
		}},
		{"wrong type", func(form url.Values) reply { return reply{body: success(fmt.Sprintf(`{"id":%q}`, form.Get("sig")))} }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			var j journal
			var sigs []string
			s := &service{}
			s.answer = func(method string, form url.Values) reply {
				sigs = append(sigs, form.Get("sig"))
				return fault.answer(form)
			}
			c := newTestClient(t, s, WithLog(j.log))
			var errs []error
			_, err := c.Servers.Add(t.Context(), ServerAdd{Name: "web"})
			errs = append(errs, err)
			_, err = c.Servers.List(t.Context(), ServerFilter{})
			errs = append(errs, err)
			passwords, err := c.Passwords.List(t.Context(), "")
			errs = append(errs, err)
			lines, err := json.Marshal(j.lines)
			if err != nil {
				t.Fatal(err)
			}
			shown := fmt.Sprintf("%v %+v %#v %s %+v %#v %v", j.lines, j.lines, j.lines, lines, passwords, passwords, errs)
			for _, err := range errs {
				if err != nil {
					shown += fmt.Sprintf("%+v %#v", err, err)
				}
				var failed *Error
				if errors.As(err, &failed) {
					shown += fmt.Sprintf("%+v", *failed)
				}
			}
			for _, secret := range append(sigs, testKey, testSecret, url.QueryEscape(testSecret), password) {
				if strings.Contains(shown, secret) {
					t.Errorf("the secret %q is shown at offset %d of %s", secret, strings.Index(shown, secret), shown)
				}
			}
			if len(j.lines) != 3 {
				t.Fatalf("%d lines for three calls", len(j.lines))
			}
			// The log never shows answers with passwords, not even redacted.
			if answer, shown := j.lines[2]["answer"]; shown {
				t.Errorf("the answer with passwords is logged: %v", answer)
			}
			if err := errs[2]; err != nil && asError(t, err).Body != "" {
				t.Errorf("the answer with passwords is quoted: %q", asError(t, err).Body)
			}
		})
	}
}
