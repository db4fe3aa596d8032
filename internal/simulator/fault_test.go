// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func (r *rig) fault(rules ...Fault) {
	r.t.Helper()
	if err := r.grid.AddFaults(rules...); err != nil {
		r.t.Fatal(err)
	}
}

// TestFaultKinds checks, for each kind of fault, the answer to grid.server.add and
// whether the grid has created the server.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule    Fault
		status  int
		body    string
		servers int
	}{
		"status before":   {Fault{Kind: FaultStatus}, 500, "UnexpectedException", 0},
		"status after":    {Fault{Kind: FaultStatus, When: FaultAfter, Status: 502}, 502, "UnexpectedException", 1},
		"status 400":      {Fault{Kind: FaultStatus, Status: 400}, 400, "IllegalArgumentException", 0},
		"status 403":      {Fault{Kind: FaultStatus, Status: 403}, 403, "<h1>403 Not Authorized</h1>", 0},
		"html before":     {Fault{Kind: FaultHTML}, 503, "<html>", 0},
		"html after":      {Fault{Kind: FaultHTML, When: FaultAfter, Status: 200}, 200, "<html>", 1},
		"throttle before": {Fault{Kind: FaultThrottle}, 403, "<h1>403", 0},
		"throttle after":  {Fault{Kind: FaultThrottle, When: FaultAfter}, 403, "<h1>403", 1},
		"truncate before": {Fault{Kind: FaultTruncate}, 200, `{"summary":{"total":`, 0},
		"truncate after":  {Fault{Kind: FaultTruncate, When: FaultAfter}, 200, `{"summary":{"total":1`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			tc.rule.Method = "grid.server.add"
			r.fault(tc.rule)
			order := []string{"name=web", "image=12834", "server.ram=1GB", "ip=" + publicIP(0)}
			a := r.call("grid.server.add", order...)
			want(t, "status", a.status, tc.status)
			if !strings.Contains(a.body, tc.body) || a.Status == "success" {
				t.Errorf("body is %s", a.body)
			}
			if tc.rule.Kind == FaultThrottle {
				want(t, "code", a.header.Get("X-Mashery-Error-Code"), "ERR_403_DEVELOPER_OVER_QPS")
				want(t, "Retry-After", a.header.Get("Retry-After"), "1")
				want(t, "cookie", a.header.Get("Set-Cookie"), "")
			}
			want(t, "servers", len(r.ok("grid.server.list").List), tc.servers)
			order[3] = "ip=" + publicIP(1)
			r.ok("grid.server.add", order...)
		})
	}
}

func TestFaultReset(t *testing.T) {
	t.Parallel()
	for when, servers := range map[FaultWhen]int{FaultBefore: 0, FaultAfter: 1} {
		r := newRig(t)
		host := httptest.NewServer(r.grid)
		t.Cleanup(host.Close)
		r.fault(Fault{Method: "grid.server.add", Kind: FaultReset, When: when})
		query := r.query("name=web", "image=12834", "server.ram=1GB", "ip="+publicIP(0)).Encode()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+path("grid.server.add")+"?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := host.Client().Do(request)
		if err == nil {
			_ = response.Body.Close()
			t.Errorf("%s: answered with %s", when, response.Status)
		}
		want(t, string(when), len(r.ok("grid.server.list").List), servers)
	}
}

func TestFaultDelay(t *testing.T) {
	t.Parallel()
	for _, when := range []FaultWhen{FaultBefore, FaultAfter} {
		r := newRig(t)
		r.fault(Fault{Method: "*", Kind: FaultDelay, When: when, Delay: Duration(3 * time.Second)})
		done := make(chan answered)
		go func() { done <- r.call("grid.server.list") }()
		if err := r.clock.BlockUntilContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		select {
		case <-done:
			t.Fatal("the grid answered before the delay")
		default:
		}
		r.clock.Advance(3 * time.Second)
		want(t, "status", (<-done).status, http.StatusOK)
	}
}

func TestFaultDelayEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fault(Fault{Method: "*", Kind: FaultDelay, Delay: Duration(time.Hour)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request := httptest.NewRequest(http.MethodGet, path("grid.server.add")+"?"+r.query("name=web", "image=12834", "ram=1", "ip="+publicIP(0)).Encode(), nil)
	r.send(request.WithContext(ctx))
	want(t, "servers", len(r.ok("grid.server.list").List), 0)
}

func TestFaultCounting(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fault(Fault{Method: "grid.server.list", Kind: FaultStatus, Skip: 1, Times: 2})
	var seen []string
	for range 5 {
		seen = append(seen, http.StatusText(r.call("grid.server.list").status))
		r.ok("grid.image.list")
	}
	want(t, "answers", strings.Join(seen, ","), "OK,Internal Server Error,Internal Server Error,OK,OK")
	r.fault(Fault{Method: "*", Kind: FaultStatus, Times: -1})
	for range 5 {
		want(t, "without limit", r.call("grid.server.list").status, 500)
	}
	want(t, "before the faults", r.as(Key{APIKey: "x"}).call("grid.server.list").status, 403)
	r.grid.faults.Clear()
	r.fault(Fault{Method: "*", Kind: FaultStatus, Probability: 0.5})
	failed := 0
	for range 200 {
		if r.call("grid.server.list").status == 500 {
			failed++
		}
	}
	if failed < 70 || failed > 130 {
		t.Errorf("%d of 200 calls failed at a probability of 0.5", failed)
	}
}

func TestFaultValidation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, tc := range []struct {
		rule  Fault
		parts []string
	}{
		{Fault{Method: "grid.server.nope", Kind: FaultStatus}, []string{"method", "grid.server.add"}},
		{Fault{Method: "*", Kind: "explode"}, []string{"kind", "truncate", "throttle"}},
		{Fault{Method: "*", Kind: FaultStatus, When: "never"}, []string{"when", "before", "after"}},
		{Fault{Method: "*", Kind: FaultStatus, Times: -2}, []string{"times"}},
		{Fault{Method: "*", Kind: FaultStatus, Skip: -1}, []string{"skip"}},
		{Fault{Method: "*", Kind: FaultStatus, Probability: 1.5}, []string{"probability"}},
		{Fault{Method: "*", Kind: FaultStatus, Status: 99}, []string{"status", "200 to 599"}},
		{Fault{Method: "*", Kind: FaultDelay}, []string{"delay"}},
		{Fault{Method: "*", Kind: FaultSlowBody}, []string{"delay", "positive", "3s"}},
		{Fault{Method: "*", Kind: FaultSlowBody, Delay: -1}, []string{"delay", "positive", "3s"}},
		{Fault{Method: "*", Kind: FaultDropField, Field: "nam"}, []string{"field", `"nam"`, "name", "ip.state.name"}},
		{Fault{Method: "*", Kind: FaultDropField, Field: "ip..state"}, []string{"field", `"ip..state"`}},
		{Fault{Method: "*", Kind: FaultWrongType, Field: "image."}, []string{"field", `"image."`}},
		{Fault{Method: "*", Kind: FaultWrongType, Rows: -2}, []string{"rows is -2", "-1 for all"}},
		{Fault{Method: "*", Kind: FaultPartial, Keep: -2}, []string{"keep is -2", "-1 for none"}},
		{Fault{Method: "*", Kind: FaultPartial, Totals: "some"}, []string{"totals", `"some"`, "right", "missing", "cut"}},
		{Fault{Method: "*", Kind: FaultStale, Age: -1}, []string{"age", "positive", "90s"}},
		{Fault{Method: "*", Kind: FaultHugeBody, Size: -1}, []string{"size is -1", "50MiB"}},
		{Fault{Method: "*", Kind: FaultHugeBody, Size: 65 << 30}, []string{"size", "64GiB"}},
		{Fault{Method: "*", Kind: FaultEmpty, Field: "name"}, []string{"field", `"empty"`, "drop_field", "wrong_type"}},
		{Fault{Method: "*", Kind: FaultShuffle, Rows: 1}, []string{"rows", `"shuffle"`, "drop_field", "wrong_type"}},
		{Fault{Method: "*", Kind: FaultDuplicate, Keep: 1}, []string{"keep", `"duplicate"`, "partial"}},
		{Fault{Method: "*", Kind: FaultBare, Totals: FaultTotalsCut}, []string{"totals", `"bare"`, "partial", "null_list"}},
		{Fault{Method: "*", Kind: FaultDelay, Delay: 1, Age: 1}, []string{"age", `"delay"`, "stale"}},
		{Fault{Method: "*", Kind: FaultSlowBody, Delay: 1, Size: 1}, []string{"size", `"slow_body"`, "huge_body"}},
		{Fault{Method: "x", Kind: FaultPartial, Keep: -7, Totals: "y"}, []string{"method", "keep", "totals"}},
	} {
		err := r.grid.AddFaults(Fault{Method: "*", Kind: FaultThrottle}, tc.rule)
		for _, part := range append(tc.parts, "fault rule 2") {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%+v: %v, want %q", tc.rule, err, part)
			}
		}
	}
	r.ok("grid.server.list")
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Admin = true })
	admin := func(status int, verb, at, body string, parts ...string) string {
		t.Helper()
		a := r.send(adminRequest(verb, at, body))
		want(t, verb+" "+at, a.status, status)
		want(t, "content type", a.header.Get("Content-Type"), "application/json")
		for _, part := range parts {
			if !strings.Contains(a.body, part) {
				t.Errorf("%s %s answers %s, want %s", verb, at, a.body, part)
			}
		}
		return a.body
	}
	admin(200, "POST", "faults", `[{"method":"grid.server.add","times":1,"when":"after","kind":"delay","status":500,"delay":"3s"}]`, `"delay":"3s"`, `"times":1`)
	admin(200, "GET", "faults", "", `"kind":"delay"`)
	admin(200, "DELETE", "faults", "", `[]`)
	admin(200, "POST", "faults", `[{"method":"grid.server.list","kind":"stale","age":"90s"},{"method":"grid.server.get","kind":"huge_body","size":"3MiB"},
		{"method":"*","kind":"drop_field","field":"ip.ip","rows":-1},{"method":"*","kind":"partial","keep":3,"totals":"missing"}]`,
		`"age":"1m30s"`, `"size":"3MiB"`, `"field":"ip.ip"`, `"rows":-1`, `"keep":3`, `"totals":"missing"`)
	admin(200, "DELETE", "faults", "", `[]`)
	admin(400, "POST", "faults", `[{"method":"*","kind":"huge_body","size":"much"}]`, "KiB")
	admin(400, "POST", "faults", `[{"method":"x","kind":"status"}]`, "method", "grid.server.add")
	admin(400, "POST", "faults", `[{"method":"*","kind":"status","colour":1}]`, "colour")
	admin(400, "POST", "faults", `[{"method":"*","kind":"delay","delay":"soon"}]`, "soon")
	admin(400, "POST", "faults", `{`, "body")
	admin(400, "POST", "faults", `[{"method":"*","kind":"reset"}] [{"method":"*","kind":"html"}]`, "nothing may follow")
	admin(200, "GET", "state", "", `"servers":[]`, `"load_balancers":[]`, `"jobs":[]`)

	r.add("web", 0)
	admin(200, "POST", "clock", `{"advance":"20m"}`, `"now":"2012-08-25T12:20:00Z"`, `"hand_driven":true`)
	admin(400, "POST", "clock", `{"advance":"-1s"}`, "advance")
	admin(400, "POST", "clock", `{}`, "advance")
	admin(200, "POST", "clock", `{"speed":7.5}`, `"now":"2012-08-25T12:20:00Z"`, `"speed":7.5`)
	admin(400, "POST", "clock", `{"speed":0}`, "speed")
	admin(400, "POST", "clock", `{"speed":2,"advance":"1m"}`, "one of")
	admin(400, "POST", "clock", `{"stepped":true}`, "driven by hand")
	admin(200, "GET", "clock", "", "2012")
	password := r.ok("support.password.list").List[1]["password"].(string)
	state := admin(200, "GET", "state", "", `"name":"web"`, `"state":"On"`, `"holder":"server web"`, `"command":"CreateVirtualServer"`)
	for _, secret := range []string{password, testSecret, testKey} {
		if strings.Contains(state, secret) {
			t.Errorf("the state contains the secret %s", secret)
		}
	}
	admin(200, "GET", "bill", "", `"gb_hours":0.3333`, `"usd":0.06`)
	admin(200, "GET", "counters", "", `"calls":{"grid.server.add":1,"support.password.list":1}`, `"bytes":{"grid.server.add":`)
	want(t, "counter", r.grid.Counters()["grid.server.add"], 1)
	admin(200, "DELETE", "counters", "", `{"calls":{},"bytes":{}}`)
	admin(200, "POST", "reseed", `{"seed":9}`, "9")
	admin(400, "POST", "reseed", `{}`, "seed")
	r.ok("grid.server.list")
	r.grid.ResetCounters()
	want(t, "counters after a reset", len(r.grid.Counters()), 0)
}

// TestRealConnection checks an answer over a real connection.
func TestRealConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	host := httptest.NewServer(r.grid)
	t.Cleanup(host.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host.URL+path("grid.image.list")+"?"+r.query().Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := host.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	want(t, "content type", response.Header.Get("Content-Type"), "text/html")
	want(t, "content length", response.ContentLength, int64(len(body)))
	want(t, "server", response.Header.Get("Server"), "Apache-Coyote/1.1")
}
