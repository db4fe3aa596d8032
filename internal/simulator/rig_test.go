// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

const (
	testKey    = "0123456789abcdef"
	testSecret = "s3cret-canary"
)

// rig is the grid of a test. The test advances the clock, and durations have no
// jitter.
type rig struct {
	t     *testing.T
	grid  *Grid
	clock *clockwork.FakeClock
	key   Key
}

func newRig(t *testing.T, change ...func(*Options)) *rig {
	t.Helper()
	clock := clockwork.NewFakeClockAt(time.Date(2012, 8, 25, 12, 0, 0, 0, time.UTC))
	options := Options{
		Clock: clock, HandDriven: true, Jitter: -1, Seed: 7,
		Keys: []Key{{APIKey: testKey, SharedSecret: testSecret}},
	}
	for _, c := range change {
		c(&options)
	}
	grid, err := New(options)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := grid.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &rig{t: t, grid: grid, clock: clock, key: grid.Keys()[0]}
}

// as returns a rig on the same grid that makes calls with another key.
func (r *rig) as(key Key) *rig {
	other := *r
	other.key = key
	return &other
}

type fields = map[string]any

type answered struct {
	t       *testing.T
	status  int
	header  http.Header
	body    string
	Status  string   `json:"status"`
	Method  string   `json:"method"`
	Summary fields   `json:"summary"`
	List    []fields `json:"list"`
}

func signature(key Key, at time.Time) string {
	sum := md5.Sum([]byte(key.APIKey + key.SharedSecret + strconv.FormatInt(at.Unix(), 10)))
	return hex.EncodeToString(sum[:])
}

// query returns signed parameters from pairs such as "name=web". A pair replaces a common parameter with the same name.
func (r *rig) query(pairs ...string) url.Values {
	values := url.Values{"v": {"1.9"}, "format": {"json"}, "api_key": {r.key.APIKey}, "sig": {signature(r.key, r.clock.Now())}}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if name == "v" || name == "format" || name == "sig" {
			values.Set(name, value)
		} else {
			values.Add(name, value)
		}
	}
	return values
}

func path(method string) string { return "/api/" + strings.ReplaceAll(method, ".", "/") }

func (r *rig) call(method string, pairs ...string) answered {
	r.t.Helper()
	return r.send(httptest.NewRequest(http.MethodGet, path(method)+"?"+r.query(pairs...).Encode(), nil))
}

func (r *rig) send(request *http.Request) answered {
	r.t.Helper()
	recorder := httptest.NewRecorder()
	r.grid.ServeHTTP(recorder, request)
	a := answered{t: r.t, status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
	_ = json.Unmarshal(recorder.Body.Bytes(), &a) // fails for other formats and for refusals of the proxy; tests then read body
	return a
}

// ok makes a call that must succeed.
func (r *rig) ok(method string, pairs ...string) answered {
	r.t.Helper()
	a := r.call(method, pairs...)
	if a.status != http.StatusOK || a.Status != "success" {
		r.t.Fatalf("%s %q: status %d, body %s", method, pairs, a.status, a.body)
	}
	return a
}

// refused makes a call that must fail with a status and a text in its message.
func (r *rig) refused(status int, message, method string, pairs ...string) answered {
	r.t.Helper()
	a := r.call(method, pairs...)
	if a.status != status || a.Status != "failure" || len(a.List) != 1 || !strings.Contains(a.message(), message) {
		r.t.Errorf("%s %q: status %d, body %s; want %d with %q", method, pairs, a.status, a.body, status, message)
	}
	return a
}

func (a answered) message() string {
	if len(a.List) == 0 {
		return ""
	}
	text, _ := a.List[0]["message"].(string)
	return text
}

func (a answered) one() fields {
	a.t.Helper()
	if len(a.List) != 1 {
		a.t.Fatalf("%d objects in %s, want 1", len(a.List), a.body)
	}
	return a.List[0]
}

// at returns the value of a nested member: at(server, "ip", "state", "name").
func at(o fields, names ...string) any {
	var value any = o
	for _, name := range names {
		inner, isObject := value.(fields)
		if !isObject {
			return nil
		}
		value = inner[name]
	}
	return value
}

func number64(v any) string {
	f, _ := v.(float64)
	return strconv.FormatInt(int64(f), 10)
}

// add adds a server with the n-th public address of US-West-1 and returns the address.
func (r *rig) add(name string, n int, more ...string) string {
	r.t.Helper()
	ip := publicIP(n)
	r.ok("grid.server.add", append([]string{"name=" + name, "image=12834", "server.ram=1GB", "ip=" + ip}, more...)...)
	return ip
}

// ready adds a server, waits until it is provisioned and returns its id.
func (r *rig) ready(name string, n int, more ...string) string {
	r.t.Helper()
	r.add(name, n, more...)
	r.grid.Advance(15 * time.Minute)
	return number64(r.ok("grid.server.get", "name="+name).one()["id"])
}

func publicIP(n int) string { return "127.20.0." + strconv.Itoa(n+2) }

func (r *rig) server(id string) fields { r.t.Helper(); return r.ok("grid.server.get", "id="+id).one() }

func (r *rig) state(id string) any { r.t.Helper(); return at(r.server(id), "state", "name") }

func (r *rig) ipState(ip string) any {
	r.t.Helper()
	for _, o := range r.ok("grid.ip.list").List {
		if o["ip"] == ip {
			return at(o, "state", "name")
		}
	}
	r.t.Fatalf("no address %s", ip)
	return nil
}

// lastJob returns the newest job of an object.
func (r *rig) lastJob(object string) fields {
	r.t.Helper()
	return r.ok("grid.job.list", "object="+object, "num_items=1").one()
}

func states(job fields) []string {
	var names []string
	for _, entry := range job["history"].([]any) {
		names = append(names, at(entry.(fields), "state", "name").(string))
	}
	return names
}

func want(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s is %v, want %v", what, got, wanted)
	}
}
