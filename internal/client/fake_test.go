// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testKey    = "0123456789abcdef"
	testSecret = "s3cret/with+odd&signs"
)

// reply is an answer of the fake service: a status and a body, or an error.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

// service is a fake GoGrid that implements [http.RoundTripper]. It calls answer
// for every attempt, without holding mu.
type service struct {
	answer func(method string, form url.Values) reply

	mu    sync.Mutex
	calls map[string]int
	forms map[string][]url.Values
}

func (s *service) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	method := strings.ReplaceAll(strings.TrimPrefix(request.URL.Path, "/api/"), "/", ".")
	s.mu.Lock()
	if s.calls == nil {
		s.calls, s.forms = map[string]int{}, map[string][]url.Values{}
	}
	s.calls[method]++
	s.forms[method] = append(s.forms[method], form)
	s.mu.Unlock()
	answered := s.answer(method, form)
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	if answered.err != nil {
		return nil, answered.err
	}
	if answered.header == nil {
		answered.header = http.Header{}
	}
	answered.header.Set("Content-Type", "text/html;charset=UTF-8")
	return &http.Response{
		StatusCode: max(answered.status, 200), Header: answered.header, Request: request,
		Body: io.NopCloser(strings.NewReader(answered.body)),
	}, nil
}

func (s *service) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// form returns the parameters of the n-th call of a method, counted from 0.
func (s *service) form(method string, n int) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= len(s.forms[method]) {
		return nil
	}
	return s.forms[method][n]
}

// newTestClient returns a client without random delays and without retries,
// unless settings say otherwise.
func newTestClient(t testing.TB, transport http.RoundTripper, settings ...Setting) *Client {
	t.Helper()
	settings = append([]Setting{
		WithTransport(transport), WithRandom(func() float64 { return 0 }), WithMaxRetries(0),
	}, settings...)
	c, err := New(testKey, testSecret, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fixture returns a recorded answer from testdata.
func fixture(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// success returns a successful answer that lists the given JSON objects.
func success(objects ...string) string {
	return fmt.Sprintf(`{"summary":{"total":%d,"start":0,"numpages":0,"returned":%d},"status":"success","method":"/x","list":[%s]}`,
		len(objects), len(objects), strings.Join(objects, ","))
}

// failure returns an answer with an error object.
func failure(status int, code, message string) reply {
	return reply{status: status, body: fmt.Sprintf(
		`{"summary":{"total":1,"start":0,"returned":1},"status":"failure","method":"/x","list":[{"object":"error","message":%q,"errorcode":%q}]}`,
		message, code)}
}

func optionJSON(id int, name string) string {
	return fmt.Sprintf(`{"id":%d,"name":%q,"description":null,"object":"option"}`, id, name)
}

// ipJSON returns the row of an address in the block 203.0.113.0/24.
func ipJSON(id int, address string, public, assigned bool) string {
	state := optionJSON(1, IPUnassigned)
	if assigned {
		state = optionJSON(2, IPAssigned)
	}
	return fmt.Sprintf(`{"object":"ip","id":%d,"ip":%q,"subnet":"203.0.113.0/255.255.255.0","public":%t,"state":%s,"datacenter":%s}`,
		id, address, public, state, optionJSON(1, "US-West-1"))
}

// serverJSON returns the row of a server. If id is 0, the server is still being
// provisioned.
func serverJSON(id int64, name, address, state string) string {
	member := ""
	if id != 0 {
		member = `"id":` + strconv.FormatInt(id, 10) + `,"cores":0.5,"diskSize":25600,`
	}
	return fmt.Sprintf(`{"object":"server",%s"name":%q,"ip":%s,"state":%s,"image":%s,"ram":%s,"type":%s,"os":%s,"datacenter":%s,"isSandbox":false}`,
		member, name, ipJSON(1, address, true, true), optionJSON(1, state), imageJSON(12834, "centos6.2_64_base", ImageAvailable),
		optionJSON(1, "512MB"), optionJSON(1, "Web Server"), optionJSON(19, "CentOS 6.2 (64-bit)"), optionJSON(1, "US-West-1"))
}

func imageJSON(id int64, name, state string) string {
	return fmt.Sprintf(`{"object":"serverimage","id":%d,"name":%q,"friendlyName":"image %s","state":%s,"os":%s,"architecture":%s,`+
		`"type":%s,"gsitype":%s,"minram":%s,"price":0,"location":"gogrid/%s.img","isActive":true,"isPublic":false,`+
		`"owner":{"id":-1,"name":"GoGrid","object":"customer"},"billingtokens":[],"datacenterlist":[]}`,
		id, name, name, optionJSON(1, state), optionJSON(19, "CentOS 6.2 (64-bit)"), optionJSON(3, "64-bit"),
		optionJSON(1, "Web Server"), optionJSON(1, "baseGSI"), optionJSON(1, "512MB"), name)
}

func balancerJSON(id int64, name, address string) string {
	return fmt.Sprintf(`{"object":"loadbalancer","id":%d,"name":%q,"virtualip":%s,"realiplist":[%s],"type":%s,"persistence":%s,"os":%s,"state":%s,"datacenter":%s}`,
		id, name, pairJSON(address), pairJSON("203.0.113.8"), optionJSON(1, "Round Robin"), optionJSON(1, "None"), optionJSON(1, "F5"),
		optionJSON(1, LoadBalancerOn), optionJSON(1, "US-West-1"))
}

func pairJSON(address string) string {
	return fmt.Sprintf(`{"object":"ipportpair","ip":%s,"port":80}`, ipJSON(1, address, true, true))
}

// rowOf returns a complete row for the answer to a method. The row shows server
// 7, image 9, load balancer 5, or the object that the form adds.
func rowOf(method string, form url.Values) string {
	switch kind := method[:strings.LastIndexByte(method, '.')]; {
	case method == "grid.server.add":
		return serverJSON(0, form.Get("name"), form.Get("ip"), StateOff)
	case kind == "grid.server":
		return serverJSON(7, "web", "203.0.113.7", StateOn)
	case method == "grid.image.save":
		return strings.Replace(imageJSON(9, "GSI-9", ImageSaving), "image GSI-9", form.Get("friendlyName"), 1)
	case kind == "grid.image":
		return imageJSON(9, "GSI-9", ImageAvailable)
	case kind == "grid.ip":
		return ipJSON(1, "203.0.113.7", true, true)
	case method == "grid.loadbalancer.add":
		return balancerJSON(0, form.Get("name"), form.Get("virtualip.ip"))
	case kind == "grid.loadbalancer":
		return balancerJSON(5, "lb", "203.0.113.7")
	case kind == "grid.job":
		return jobJSON(3, JobCreateVirtualServer, "web", "203.0.113.7", "", JobSucceeded)
	default:
		return optionJSON(7, "seven")
	}
}

// jobJSON returns the row of a job for the server with the given name. states
// is the history of the job.
func jobJSON(id int64, command, name, address, note string, states ...string) string {
	var history []string
	for i, state := range states {
		entry := fmt.Sprintf(`{"object":"job_history","id":%d,"state":%s`, i, optionJSON(i+1, state))
		if note != "" && i == len(states)-1 {
			entry += fmt.Sprintf(`,"note":%q`, note)
		}
		history = append(history, entry+"}")
	}
	return fmt.Sprintf(`{"object":"job","id":%d,"command":%s,"objecttype":%s,"currentstate":%s,"datacenter":%s,"attempts":1,`+
		`"owner":"me@example.com","createdon":1350000000100,"history":[%s],"detail":{"name":%q,"ip":%q,"friendlyName":%q}}`,
		id, optionJSON(9, command), optionJSON(1, JobObjectVirtualServer), optionJSON(1, JobQueued), optionJSON(1, "US-West-1"),
		strings.Join(history, ","), name, cmp.Or(address, "203.0.113.99"), name)
}

// found answers a get with the rows that match its ids or its name, or with the
// recorded answer if no row matches.
func found(rows []string, form url.Values) reply {
	var matching []string
	for _, row := range rows {
		var known struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		}
		if json.Unmarshal([]byte(row), &known) != nil || known.ID == 0 {
			continue // get does not find objects without an id
		}
		if slices.Contains(form["id"], strconv.FormatInt(known.ID, 10)) || strings.EqualFold(form.Get("name"), known.Name) {
			matching = append(matching, row)
		}
	}
	if matching == nil {
		return notFound()
	}
	return reply{body: success(matching...)}
}

// notFound is the recorded answer to a get that matches nothing.
func notFound() reply {
	return failure(http.StatusBadRequest, "IllegalArgumentException", "No object found that matches your input criteria.")
}

// grid is a fake grid with scripted servers, images, addresses and jobs. If ips
// is nil, the grid has one address, which is assigned.
type grid struct {
	mu      sync.Mutex
	servers []string
	images  []string
	ips     []string
	jobs    []string
	// override returns true if it answers a call instead of the grid.
	override func(method string, form url.Values) (reply, bool)
}

// set changes the state of the grid.
func (g *grid) set(change func(*grid)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(g)
}

func (g *grid) answer(method string, form url.Values) reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.override != nil {
		if answered, yes := g.override(method, form); yes {
			return answered
		}
	}
	switch method {
	case "grid.server.list":
		return reply{body: success(g.servers...)}
	case "grid.image.list":
		return reply{body: success(g.images...)}
	case "grid.server.get":
		return found(g.servers, form)
	case "grid.image.get":
		return found(g.images, form)
	case "grid.ip.list":
		if g.ips == nil {
			return reply{body: success(ipJSON(1, "203.0.113.254", true, true))}
		}
		return reply{body: success(g.ips...)}
	case "grid.job.list":
		return reply{body: success(g.jobs...)}
	default:
		return failure(http.StatusNotFound, "NotFoundException", "no such method: "+method)
	}
}

// deadlineIn returns a context with a timeout.
func deadlineIn(t testing.TB, after time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	t.Cleanup(cancel)
	return ctx
}

// asError returns the *Error in err.
func asError(t testing.TB, err error) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("got %v (%T), want a *client.Error", err, err)
	}
	return failed
}
