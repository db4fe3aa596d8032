// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

func TestFaultSlowBody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	host := httptest.NewServer(r.grid)
	t.Cleanup(host.Close)
	plain := r.ok("grid.image.list").body
	const delay = 20 * time.Second
	r.fault(Fault{Method: "grid.image.list", Kind: FaultSlowBody, Delay: Duration(delay)})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+path("grid.image.list")+"?"+r.query().Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := host.Client().Do(request) // returns after the headers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	want(t, "length", response.ContentLength, int64(len(plain)))
	awaitReader := func() {
		t.Helper()
		if err := r.clock.BlockUntilContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	awaitReader()
	r.clock.Advance(delay / 2)
	half := make([]byte, len(plain)/2)
	if _, err := io.ReadFull(response.Body, half); err != nil {
		t.Fatal(err)
	}
	awaitReader() // the grid sends the rest only after the clock advances
	r.clock.Advance(delay)
	rest, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "body", string(half)+string(rest) == plain, true)
}

func TestFaultSlowBodyOfAChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fault(Fault{Method: "grid.server.add", Kind: FaultSlowBody, Delay: Duration(time.Second)})
	done := make(chan answered)
	go func() { done <- r.call("grid.server.add", "name=web", "image=12834", "ram=1", "ip="+publicIP(0)) }()
	if err := r.clock.BlockUntilContext(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want(t, "servers while the body is being sent", r.ok("grid.server.list").names(), "web")
	r.clock.Advance(time.Second)
	want(t, "answer", (<-done).names(), "web")
}

func TestFaultHugeBodyOfAList(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fleet(3)
	host := httptest.NewServer(r.grid)
	t.Cleanup(host.Close)
	const size = 8<<20 + 13
	r.fault(Fault{Method: "grid.server.list", Kind: FaultHugeBody, Size: size})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+path("grid.server.list")+"?"+r.query().Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := host.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	want(t, "length", response.ContentLength, int64(size))
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "size", len(body), size)
	var a answered
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	want(t, "status", a.Status, "success")
	rows := len(a.List)
	if rows < 3000 {
		t.Errorf("%d rows", rows)
	}
	want(t, "total", a.Summary["total"], float64(rows))
	want(t, "returned", a.Summary["returned"], float64(rows))
	ids, names := map[string]bool{}, map[string]bool{}
	for i, row := range a.List {
		ids[number64(row["id"])] = true
		names[row["name"].(string)] = true
		if i < 3 {
			want(t, "first rows", row["name"], "s"+strconv.Itoa(i))
		}
	}
	want(t, "ids", len(ids), rows)
	want(t, "names", len(names), rows)
	want(t, "counted bytes", r.grid.counters.snapshot().Bytes["grid.server.list"], size)
}

func TestFaultHugeBodyOfOtherAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	for _, format := range []string{"json", "xml", "csv"} {
		for _, size := range []Size{1, 5000, 100_000} {
			for method, pairs := range map[string][]string{
				"grid.server.get": {"id=" + id}, "grid.loadbalancer.list": nil, "grid.job.list": nil, "grid.server.list": nil,
			} {
				pairs = append(pairs, "format="+format)
				plain := r.call(method, pairs...)
				a := r.under(Fault{Method: method, Kind: FaultHugeBody, Size: size}, pairs...)
				want(t, method+" in "+format, len(a.body), max(int(size), len(plain.body)))
				if format == "json" && method != "grid.server.list" {
					want(t, method+": rows", len(a.List), len(plain.List))
					want(t, method+": summary", a.summary(), plain.summary())
				}
			}
		}
	}
}

// impatient is a caller that disconnects after some bytes.
type impatient struct {
	header http.Header
	left   int
	most   int // bytes of the largest piece
}

func (w *impatient) Header() http.Header { return w.header }
func (w *impatient) WriteHeader(int)     {}
func (w *impatient) Write(b []byte) (int, error) {
	w.most = max(w.most, len(b))
	if w.left -= len(b); w.left < 0 {
		return 0, errors.New("the caller has disconnected")
	}
	return len(b), nil
}

// TestFaultHugeBodyIsNotHeldInMemory requests a body of 64 GiB and reads only
// its beginning.
func TestFaultHugeBodyIsNotHeldInMemory(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	for method, pair := range map[string]string{"grid.server.list": "", "grid.server.get": "id=" + id} {
		r.fault(Fault{Method: method, Kind: FaultHugeBody, Size: 64 << 30})
		caller := &impatient{header: http.Header{}, left: 4 << 20}
		var pairs []string
		if pair != "" {
			pairs = append(pairs, pair)
		}
		r.grid.ServeHTTP(caller, httptest.NewRequest(http.MethodGet, path(method)+"?"+r.query(pairs...).Encode(), nil))
		want(t, "length", caller.header.Get("Content-Length"), strconv.Itoa(64<<30))
		if caller.left >= 0 || caller.most > 1<<20 {
			t.Errorf("%s: the caller still had %d bytes to read, and the largest piece had %d bytes", method, caller.left, caller.most)
		}
	}
}
