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

// withFaults runs the method as the rules allow.
func (q *request) withFaults(r *http.Request) (answer, *fault.Strike) {
	strike := q.grid.faults.Take(q.method.name)
	if strike == nil {
		return q.encoded(q.perform(false)), nil
	}
	delay := strike.Delay
	if strike.Kind == FaultSlowBody {
		delay = 0 // it is spent on the body
	}
	if strike.When == FaultBefore && !q.wait(r, delay) {
		return q.refusal(unexpected("the caller has gone")), strike
	}
	e := q.answerUnder(strike)
	if strike.When == FaultAfter {
		q.wait(r, delay)
	}
	return q.applyFault(e, strike), strike
}

// answerUnder makes the answer that a rule spoils: the method's own where the rule lets the method run, else a success without rows.
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

// runs reports whether the method runs although a rule strikes.
func (q *request) runs(strike *fault.Strike) bool {
	switch {
	case strike.When == FaultAfter, strike.Kind == FaultDelay, strike.Kind == FaultJob, strike.Kind == FaultSlowBody:
		return true
	default:
		return q.method.reads() && strike.Kind.AltersRows()
	}
}

// wait is over when the time has passed or the caller has gone; it reports whether the caller still waits.
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

// reset ends the connection with a TCP reset where the connection can be had, and abruptly otherwise.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the connection still ends
	}
	_ = connection.Close()
}

// slowPieces is how many pieces a slow body comes in.
const slowPieces = 20

// writeSlowly sends the headers, and then the body in pieces. Each piece has its time, so that a clock that jumps leaves no
// piece behind.
func (g *Grid) writeSlowly(w http.ResponseWriter, r *http.Request, a answer) {
	started, controller := g.host.Now(), http.NewResponseController(w)
	_ = controller.Flush() // a writer that cannot flush sends all at the end
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
