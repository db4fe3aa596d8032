// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

const basePath = "/api"

// answer is a complete HTTP answer.
type answer struct {
	status      int
	contentType string
	header      map[string]string
	body        []byte
	byProxy     bool        // the proxy answered without the service, so there is no session cookie
	huge        *fault.Huge // replaces body if it is not nil
	over        Duration    // time during which the body is sent in pieces; 0 sends it at once
}

func (a answer) size() int64 {
	if a.huge != nil {
		return a.huge.Length
	}
	return int64(len(a.body))
}

// ServeHTTP answers API calls below /api and, with [Options.Admin], admin calls below /admin.
func (g *Grid) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.readBody(w, r) {
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, basePath+"/"):
		g.serveAPI(w, r)
	case g.options.Admin && strings.HasPrefix(r.URL.Path, "/admin/"):
		g.admin.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

// bodyTimeout limits how long a client may take to send a body, on the host's clock. The longest body is a form of a few kilobytes.
const bodyTimeout = 20 * time.Second

// readBody reads the body of a request into memory and reports whether the body arrived in time. If it did not, readBody
// answers the request.
func (g *Grid) readBody(w http.ResponseWriter, r *http.Request) bool {
	if r.Body == nil || r.Body == http.NoBody {
		return true
	}
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Time{}) == nil { // the response recorder of a test does not support deadlines
		timer := g.host.AfterFunc(bodyTimeout, func() { _ = control.SetReadDeadline(time.Unix(1, 0)) }) // ends the read
		defer func() {
			timer.Stop()
			_ = control.SetReadDeadline(time.Time{}) // the handler may take longer
		}()
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1)) // the handler refuses a longer body
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.Header().Set("Connection", "close")
		http.Error(w, "the body has not arrived in time", http.StatusRequestTimeout)
		return false
	}
	r.Body = &bodyInMemory{bytes.NewReader(body), err}
	return true
}

// bodyInMemory is a body that has been read into memory. err is the error of that read, or nil if the body is complete.
type bodyInMemory struct {
	*bytes.Reader
	err error
}

// Read implements [io.Reader].
func (b *bodyInMemory) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) && b.err != nil {
		err = b.err
	}
	return n, err
}

// WriteTo replaces the method of the embedded bytes.Reader, which would not
// return b.err.
func (b *bodyInMemory) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{b}) }

// Close implements [io.Closer].
func (b *bodyInMemory) Close() error { return nil }

func (g *Grid) serveAPI(w http.ResponseWriter, r *http.Request) {
	started := g.host.Now()
	q := &request{grid: g, path: strings.TrimPrefix(r.URL.Path, basePath), format: wire.JSON, version: wire.LatestVersion}
	a, strike := q.answer(r)
	if strike != nil && strike.Kind == FaultReset {
		g.report(q, r, 0, 0, started)
		reset(w)
		return
	}
	g.report(q, r, a.status, int(a.size()), started)
	g.write(w, r, a)
}

// report counts and logs a call. It leaves out the parameters, which contain the signature.
func (g *Grid) report(q *request, r *http.Request, status, bytes int, started time.Time) {
	if q.method == nil {
		return
	}
	g.counters.count(q.method.name, bytes)
	g.log.LogAttrs(r.Context(), slog.LevelDebug, "call",
		slog.String("method", q.method.name), slog.Int64("account", q.key.Account), slog.Int("status", status),
		slog.Int("bytes", bytes), slog.Duration("took", g.host.Now().Sub(started)))
}

// write sends a response with the headers of the service, a Mashery proxy in front of Tomcat. All 83 recorded responses (status
// 200, 400 and 403) closed the connection.
func (g *Grid) write(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Server", "Apache-Coyote/1.1")
	h.Set("X-Mashery-Responder", "mashery-web1-lax.mashery.com")
	h.Set("Accept-Ranges", "bytes")
	h.Set("Connection", "close")
	if !a.byProxy {
		h.Set("Set-Cookie", "JSESSIONID="+g.session()+"; Path=/api; Secure")
	}
	h.Set("Content-Length", strconv.FormatInt(a.size(), 10))
	for name, value := range a.header {
		h.Set(name, value)
	}
	w.WriteHeader(a.status)
	switch { // a write fails if the caller has disconnected
	case a.huge != nil:
		_ = a.huge.Send(w)
	case a.over > 0:
		g.writeSlowly(w, r, a)
	default:
		_, _ = w.Write(a.body)
	}
}

// session returns a new value for the session cookie. The service sent a different value in each answer, and no known client uses
// it.
func (g *Grid) session() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions++
	r := draw(g.seed, drawSession, g.sessions)
	var id [16]byte
	for i := range id {
		id[i] = byte(r.UintN(256))
	}
	return strings.ToUpper(hex.EncodeToString(id[:]))
}

// proxyRefusal returns the proxy's own answer to a bad signature or too many calls: HTML with the content type of XML.
func proxyRefusal(code string, header map[string]string) answer {
	all := map[string]string{"Server": "Mashery Proxy", "X-Mashery-Error-Code": code}
	for name, value := range header {
		all[name] = value
	}
	return answer{
		status: http.StatusForbidden, contentType: "text/xml", header: all, body: []byte("<h1>403 Not Authorized</h1>"), byProxy: true,
	}
}

func notAuthorized() answer { return proxyRefusal("ERR_403_NOT_AUTHORIZED", nil) }

func overLimit() answer {
	return proxyRefusal("ERR_403_DEVELOPER_OVER_QPS", map[string]string{"Retry-After": "1"})
}
