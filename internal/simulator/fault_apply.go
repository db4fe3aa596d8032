// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// withFaults runs the method, unless a fault rule prevents this. It returns the
// response and the rule that applied, or nil if no rule applied.
func (q *request) withFaults(r *http.Request) (answer, *fault.Strike) {
	strike := q.grid.faults.Take(q.method.name)
	if strike == nil {
		return q.encoded(q.perform(false)), nil
	}
	delay := strike.Delay
	if strike.Kind == FaultSlowBody {
		delay = 0 // writeSlowly spends the delay while it sends the body
	}
	if strike.When == FaultBefore && !q.wait(r, delay) {
		return q.refusal(unexpected("the caller has disconnected")), strike
	}
	e := q.answerUnder(strike)
	if strike.When == FaultAfter {
		q.wait(r, delay)
	}
	return q.applyFault(e, strike), strike
}

// answerUnder returns the response that the rule then alters: the response of
// the method if the rule lets the method run, else a success without rows.
func (q *request) answerUnder(strike *fault.Strike) wire.Envelope {
	switch {
	case strike.Kind == FaultStale && q.method.reads():
		return q.performAsOf(time.Duration(strike.Age))
	case strike.Kind == FaultStale && strike.When == FaultAfter:
		return q.withEarlierRows(q.perform(false), time.Duration(strike.Age))
	case q.runs(strike):
		return q.perform(strike.Kind == FaultJob)
	default:
		return q.success()
	}
}

// runs reports whether the method runs under the rule.
func (q *request) runs(strike *fault.Strike) bool {
	switch {
	case strike.When == FaultAfter, strike.Kind == FaultDelay, strike.Kind == FaultJob, strike.Kind == FaultSlowBody:
		return true
	default:
		return q.method.reads() && strike.Kind.AltersRows()
	}
}

// wait waits for a duration, or until the caller disconnects. It reports whether the caller is still connected.
func (q *request) wait(r *http.Request, d Duration) bool {
	if d == 0 {
		return true
	}
	select {
	case <-q.grid.host.After(time.Duration(d)):
		return true
	case <-r.Context().Done():
		return false
	}
}

// applyFault returns the response after the rule has altered it.
func (q *request) applyFault(e wire.Envelope, strike *fault.Strike) answer {
	switch strike.Kind {
	case FaultStatus:
		return q.statusAnswer(strike.Status)
	case FaultHTML:
		page := fmt.Sprintf("<html><head><title>%d %s</title></head><body><h1>The service is being maintained</h1></body></html>",
			strike.Status, http.StatusText(strike.Status))
		return answer{status: strike.Status, contentType: "text/html", body: []byte(page)}
	case FaultThrottle:
		return overLimit()
	case FaultForbidden:
		return notAuthorized()
	case FaultHugeBody:
		if !e.Failure {
			return answer{
				status: e.Status, contentType: wire.ContentType(q.format),
				huge: fault.NewHuge(e, q.format, int64(strike.Size), q.method.lists()),
			}
		}
	}
	a := q.encoded(strike.Distort(e, q.success()))
	switch strike.Kind {
	case FaultTruncate:
		a.body = a.body[:len(a.body)/2]
	case FaultSlowBody:
		a.over = strike.Delay
	}
	return a
}

func (q *request) statusAnswer(status int) answer {
	if status == http.StatusForbidden {
		return notAuthorized()
	}
	err := asAPIError(unexpected("null"))
	if status < http.StatusInternalServerError {
		err = &apiError{code: codeIllegalArgument, message: "A fault rule answers with this status."}
	}
	err.status = status
	return q.refusal(err)
}

// reset ends the connection with a TCP reset. If the connection is not
// available, reset aborts the handler.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // if this fails, the connection is closed without a reset
	}
	_ = connection.Close()
}

// slowPieces is the number of pieces of a slow body.
const slowPieces = 20

// writeSlowly sends the headers, and then the body in pieces. Each piece has
// its own due time. After a jump of the clock, writeSlowly therefore sends all
// due pieces immediately.
func (g *Grid) writeSlowly(w http.ResponseWriter, r *http.Request, a answer) {
	started, controller := g.host.Now(), http.NewResponseController(w)
	_ = controller.Flush() // if w cannot flush, it sends the body at the end
	for n := range slowPieces {
		due := started.Add(time.Duration(a.over) * time.Duration(n+1) / slowPieces)
		if left := due.Sub(g.host.Now()); left > 0 {
			select {
			case <-g.host.After(left):
			case <-r.Context().Done():
				return
			}
		}
		if _, err := w.Write(a.body[len(a.body)*n/slowPieces : len(a.body)*(n+1)/slowPieces]); err != nil {
			return
		}
		_ = controller.Flush()
	}
}
