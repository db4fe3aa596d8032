// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

// listed returns an answer with the given summary and rows.
func listed(summary string, rows ...string) string {
	return fmt.Sprintf(`{"summary":{%s},"status":"success","method":"/x","list":[%s]}`, summary, strings.Join(rows, ","))
}

// The client repeats a read whose answer may lack objects. The error says what
// is wrong with the answer.
func TestListsThatCannotBeBelieved(t *testing.T) {
	t.Parallel()
	a, b := serverJSON(7, "a", "203.0.113.7", StateOn), serverJSON(8, "b", "203.0.113.8", StateOn)
	for _, test := range []struct {
		name, body string
		want       int // servers, -1 for an error
		text       string
		unproven   bool
	}{
		{"whole", success(a, b), 2, "", false},
		{"no objects", success(), 0, "", false},
		{"in another order", success(b, a), 2, "", false},
		{"cut", listed(`"total":2,"returned":2`, a), -1, "holds 1 of 2 objects", true},
		{"cut, and says so", listed(`"total":2,"returned":1`, a), -1, "holds 1 of 2 objects", true},
		{"cut, with a total that fits", listed(`"total":1,"returned":2`, a), -1, "its summary says 2", true},
		{"emptied", listed(`"total":2,"returned":2`), -1, "holds 0 of 2 objects", true},
		{"more rows than objects", listed(`"total":1,"returned":1`, a, b), -1, "holds 2 of 1 objects", true},
		{"without totals", listed(``, a, b), -1, "does not say how many", true},
		{"with null totals", listed(`"total":null,"returned":2`, a, b), -1, "does not say how many", true},
		{"without a summary", fmt.Sprintf(`{"status":"success","list":[%s,%s]}`, a, b), -1, "does not say how many", true},
		{"empty without totals", listed(``), -1, "does not say how many", true},
		{"a row repeated in place of another row", listed(`"total":2,"returned":2`, a, a), -1, "holds 1 of 2 objects", true},
		{"a row twice", listed(`"total":2,"returned":2`, a, b, a), 2, "", false},
		{"null", `{"summary":{"total":0,"returned":0},"status":"success","list":null}`, -1, "it has no list", false},
		{"bare", `{"status":"success"}`, -1, "it has no list", false},
		{"an object for a list", `{"summary":{"total":1,"returned":1},"status":"success","list":{}}`, -1, "it has no list", false},
		{"rows that are no objects", listed(`"total":2,"returned":2`, `7`, `null`), -1, "answer is not complete", true},
		{"a wrong type", listed(`"total":2,"returned":2`, a, strings.Replace(b, `"id":8`, `"id":[8]`, 1)), -1, "answer is not complete", true},
		{"a wrong type inside", listed(`"total":2,"returned":2`, a, strings.Replace(b, `"ram":{`, `"ram":"1GB","x":{`, 1)), -1, "answer is not complete", true},
		{"an object for a text", listed(`"total":2,"returned":2`, a, strings.Replace(b, `"name":"b"`, `"name":{"x":1}`, 1)), -1, "answer is not complete", true},
	} {
		for _, retries := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("%s, %d retries", test.name, retries), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := &service{answer: func(string, url.Values) reply { return reply{body: test.body} }}
					c := newTestClient(t, s, WithMaxRetries(retries))
					servers, err := c.Servers.List(t.Context(), ServerFilter{})
					calls := 1
					if test.want < 0 {
						calls += min(retries, maxReadRetries)
					}
					if got := s.count("grid.server.list"); got != calls {
						t.Errorf("%d calls, want %d", got, calls)
					}
					if (err != nil) != (test.want < 0) || err == nil && len(servers) != test.want {
						t.Fatalf("got %d servers, %v; want %d", len(servers), err, test.want)
					}
					if err != nil && (!strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "\n")) {
						t.Errorf("%q does not contain %q, or has more than one line", err, test.text)
					}
					if IsUnproven(err) != test.unproven || IsNotFound(err) || IsOutcomeUnknown(err) {
						t.Errorf("%v: unproven: %t, want %t", err, IsUnproven(err), test.unproven)
					}
				})
			})
		}
	}
}

// After one incomplete answer the client repeats the call and returns the
// complete answer.
func TestListIsReadAgain(t *testing.T) {
	t.Parallel()
	row := serverJSON(7, "a", "203.0.113.7", StateOn)
	for _, bad := range []string{
		listed(`"total":1`), listed(``, row), `{"status":"success"}`, `{"status":"success","list":null}`, success(`{"id":7}`),
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			s := &service{answer: func(string, url.Values) reply {
				if calls++; calls == 1 {
					return reply{body: bad}
				}
				return reply{body: success(row)}
			}}
			c := newTestClient(t, s, WithMaxRetries(4))
			servers, err := c.Servers.List(t.Context(), ServerFilter{})
			if err != nil || len(servers) != 1 || s.count("grid.server.list") != 2 {
				t.Errorf("%s: got %v, %v after %d calls", bad, servers, err, s.count("grid.server.list"))
			}
			calls = 0
			found, err := c.Servers.Get(t.Context(), 7)
			want := 2
			if bad == listed(``, row) {
				want = 1 // a direct lookup does not prove that other objects are absent
			}
			if bad != listed(`"total":1`) && (err != nil || len(found) != 1 || s.count("grid.server.get") != want) {
				t.Errorf("%s: a direct lookup: got %v, %v after %d calls", bad, found, err, s.count("grid.server.get"))
			}
		})
	}
}

// The client does not repeat a read after the context has ended.
func TestRereadsHonourTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(string, url.Values) reply { return reply{body: listed(``)} }}
		c := newTestClient(t, s, WithMaxRetries(4))
		ctx := deadlineIn(t, firstRetryDelay/2)
		if _, err := c.Servers.List(ctx, ServerFilter{}); !errors.Is(err, ctx.Err()) || s.count("grid.server.list") != 1 {
			t.Errorf("got %v after %d calls, want the error of the context after one call", err, s.count("grid.server.list"))
		}
	})
}
