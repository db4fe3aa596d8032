// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// withFaults runs the method as the rules allow.
func (q *request) withFaults(r *http.Request) (answer, *Fault) {
	rule := q.grid.faults.take(q.method.name)
	if rule == nil {
		return q.perform(false), nil
	}
	goesOn := rule.When == FaultAfter || rule.Kind == FaultDelay || rule.Kind == FaultJob
	if rule.When == FaultBefore && !q.wait(r, rule.Delay) {
		return q.refusal(unexpected("the caller has gone")), rule
	}
	var a answer
	if goesOn {
		a = q.perform(rule.Kind == FaultJob)
	}
	if rule.When == FaultAfter {
		q.wait(r, rule.Delay)
	}
	return q.spoil(a, rule), rule
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

func (q *request) spoil(a answer, rule *Fault) answer {
	switch rule.Kind {
	case FaultStatus:
		return q.statusAnswer(rule.Status)
	case FaultHTML:
		page := fmt.Sprintf("<html><head><title>%d %s</title></head><body><h1>The service is being maintained</h1></body></html>",
			rule.Status, http.StatusText(rule.Status))
		return answer{status: rule.Status, contentType: "text/html", body: []byte(page)}
	case FaultThrottle:
		return overLimit()
	case FaultTruncate:
		if a.body == nil {
			a = q.encoded(http.StatusOK, envelope{path: q.path, version: q.version})
		}
		a.body = a.body[:len(a.body)/2]
		return a
	default:
		return a
	}
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
