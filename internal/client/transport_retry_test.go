// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errReset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	errRefused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
)

func throttled(after string) reply {
	return reply{
		status: http.StatusForbidden, body: "<h1>403 Developer Over Qps</h1>",
		header: http.Header{masheryCode: {"ERR_403_DEVELOPER_OVER_QPS"}, "Retry-After": {after}},
	}
}

// faults lists the ways in which a call can fail, and the expected behavior of
// the client.
var faults = []struct {
	name  string
	reply reply
	// readTries and changeTries are the expected numbers of attempts if only
	// the first attempt fails.
	readTries, changeTries int
	// outcomeUnknown is true if the service may have carried out the failed change.
	outcomeUnknown bool
	is             func(error) bool
}{
	{"500", failure(500, "UnexpectedException", "An unexpected server error has occured."), 2, 1, true, nil},
	{"503 with a page", reply{status: 503, body: "<html>Maintenance</html>"}, 2, 1, true, nil},
	{"page with 200", reply{body: "<html>Welcome</html>"}, 2, 1, true, nil},
	{"empty with 200", reply{}, 2, 1, true, nil},
	{"cut off", reply{body: success(`{"id":1}`)[:90]}, 2, 1, true, nil},
	{"another JSON", reply{body: `{"hello":"world"}`}, 2, 1, true, nil},
	{"reset", reply{err: errReset}, 2, 1, true, nil},
	{"refused", reply{err: errRefused}, 2, 2, false, nil},
	{"no such host", reply{err: &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}}, 2, 2, false, nil},
	{"throttled", throttled("1"), 2, 2, false, IsThrottled},
	{"429", reply{status: 429}, 2, 2, false, IsThrottled},
	{"wrong secret", reply{status: 403, body: "<h1>403 Not Authorized</h1>"}, 1, 1, false, IsUnauthenticated},
	{"denied", failure(401, "UnauthorizedException", "no"), 1, 1, false, IsDenied},
	{"denied with a page", reply{status: 401, body: "<h1>no</h1>"}, 1, 1, false, IsDenied},
	{"not found", failure(400, "IllegalArgumentException", "No object found that matches your input criteria."), 1, 1, false, IsNotFound},
	{"taken", failure(400, "IllegalArgumentException", "Parameter 'ip' is '203.0.113.7': it is already assigned to server web."), 1, 1, false, IsConflict},
	{"invalid", failure(400, "IllegalArgumentException", "name too long"), 1, 1, false, IsInvalid},
	{"unknown path", reply{status: 404, body: "<h1>404</h1>"}, 1, 1, false, nil},
}

func TestFaultsAreRepeatedOnlyWhenThatIsSafe(t *testing.T) {
	t.Parallel()
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tries := map[string]int{}
				s := &service{answer: func(method string, form url.Values) reply {
					if tries[method]++; tries[method] == 1 {
						return fault.reply
					}
					return reply{body: success(rowOf(method, form))}
				}}
				c := newTestClient(t, s, WithMaxRetries(4))
				_, readErr := c.Servers.List(t.Context(), ServerFilter{})
				if got := s.count("grid.server.list"); got != fault.readTries || (readErr == nil) != (got == 2) {
					t.Errorf("list: got %d attempts and error %v, want %d attempts", got, readErr, fault.readTries)
				}
				_, err := c.Servers.Add(t.Context(), ServerAdd{Name: "web", IP: "203.0.113.7"})
				if got := s.count("grid.server.add"); got != fault.changeTries || (err == nil) != (got == 2) {
					t.Errorf("add: got %d attempts and error %v, want %d attempts", got, err, fault.changeTries)
				}
				if err != nil && IsOutcomeUnknown(err) != fault.outcomeUnknown {
					t.Errorf("outcome unknown: %t, want %t: %v", IsOutcomeUnknown(err), fault.outcomeUnknown, err)
				}
			})
		})
	}
}

func TestFaultsThatLast(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(error) bool{
		"IsNotFound": IsNotFound, "IsConflict": IsConflict, "IsThrottled": IsThrottled, "IsDenied": IsDenied, "IsUnauthenticated": IsUnauthenticated,
	}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{answer: func(string, url.Values) reply { return fault.reply }}
				c := newTestClient(t, s, WithMaxRetries(2))
				_, err := c.Servers.Add(t.Context(), ServerAdd{Name: "web"})
				failed := asError(t, err)
				if failed.Method != "grid.server.add" || failed.Status != fault.reply.status && fault.reply.status != 0 {
					t.Errorf("got method %q and status %d", failed.Method, failed.Status)
				}
				if IsOutcomeUnknown(err) != fault.outcomeUnknown {
					t.Errorf("outcome unknown: %t, want %t", IsOutcomeUnknown(err), fault.outcomeUnknown)
				}
				if !strings.HasPrefix(err.Error(), "grid.server.add: ") {
					t.Errorf("%q does not name the method", err)
				}
				if fault.is != nil && !fault.is(err) {
					t.Errorf("got %q, want an error of another kind", err)
				}
				if _, err := c.Servers.List(t.Context(), ServerFilter{}); IsOutcomeUnknown(err) {
					t.Errorf("the outcome of a read is unknown: %v", err)
				}
				var matches []string
				for name, is := range kinds {
					if is(err) {
						matches = append(matches, name)
					}
				}
				if len(matches) > 1 {
					t.Errorf("%q has several kinds: %v", err, matches)
				}
			})
		})
	}
}

func TestRetryDelays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		reply    reply
		random   float64
		retries  int
		want     time.Duration
		wantCall int
	}{
		{"exponential, shortest", failure(500, "", ""), 0, 3, 250*time.Millisecond + 500*time.Millisecond + time.Second, 4},
		{"exponential, longest", failure(500, "", ""), 1, 3, 500*time.Millisecond + time.Second + 2*time.Second, 4},
		{"capped", failure(500, "", ""), 1, 9, (31500 + 3*30000) * time.Millisecond, 10},
		{"as asked, in seconds", throttled("7"), 0, 1, 28 * time.Second, 5},
		{"asked for too long", throttled("3600"), 0, 4, 0, 1},
		{"none", failure(500, "", ""), 0, 0, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{answer: func(string, url.Values) reply { return test.reply }}
				c := newTestClient(t, s, WithMaxRetries(test.retries), WithRandom(func() float64 { return test.random }))
				begun := time.Now()
				_, err := c.IPs.List(t.Context(), IPFilter{})
				if took := time.Since(begun); took != test.want || s.count("grid.ip.list") != test.wantCall {
					t.Errorf("took %s and %d calls, want %s and %d", took, s.count("grid.ip.list"), test.want, test.wantCall)
				}
				if test.name == "asked for too long" && asError(t, err).RetryAfter != time.Hour {
					t.Errorf("the error allows a retry after %s, want an hour", asError(t, err).RetryAfter)
				}
			})
		})
	}
}

func TestRetryAfterForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 1, 29, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"2":                             2 * time.Second,
		"0.5":                           500 * time.Millisecond,
		"-1":                            0,
		"soon":                          0,
		"1e300":                         0,
		"Tue, 29 Jan 2013 12:00:30 GMT": 30 * time.Second,
		"Tue, 29 Jan 2013 11:00:00 GMT": 0,
	} {
		response := &http.Response{Header: http.Header{"Retry-After": {header}}}
		if got := retryAfter(response, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

// If the context ends between two attempts of a change, the outcome is known,
// because the client retries a change only if the service did not make it.
func TestContextEndsBetweenTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(string, url.Values) reply { return throttled("60") }}
		c := newTestClient(t, s, WithMaxRetries(4))
		_, err := c.Servers.Add(deadlineIn(t, 10*time.Second), ServerAdd{Name: "web"})
		if err == nil || IsOutcomeUnknown(err) || !strings.Contains(err.Error(), "HTTP 403") || s.count("grid.server.add") != 1 {
			t.Errorf("got %v after %d attempts, want a known outcome after one attempt", err, s.count("grid.server.add"))
		}
		if want := "deadline exceeded"; err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not hold %q", err, want)
		}
		ctx := deadlineIn(t, time.Nanosecond)
		<-ctx.Done()
		_, err = c.Servers.Add(ctx, ServerAdd{Name: "web"})
		if !errors.Is(err, ctx.Err()) || IsOutcomeUnknown(err) || s.count("grid.server.add") != 1 {
			t.Errorf("got %v, want the context's error and no call", err)
		}
	})
}
