// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"cmp"
	"slices"
	"time"
)

// tally computes how many servers were down at the same time.
//
// A request shows the state of a server at some moment between its start and
// its end. On a busy machine, a request can take long. Therefore a server was
// certainly down only from the end of the first to the start of the last in a
// row of failed requests.
type tally struct {
	answers int
	away    map[string]*span // servers that do not answer now
	spans   []span
}

// span is a period in which a server was down.
type span struct{ from, to time.Time }

func newTally() *tally { return &tally{away: map[string]*span{}} }

// record adds the result of a request to a server.
func (t *tally) record(server string, answered bool, sent, ended time.Time) {
	open := t.away[server]
	switch {
	case answered:
		t.answers++
		if open != nil {
			t.spans = append(t.spans, *open)
			delete(t.away, server)
		}
	case open == nil:
		t.away[server] = &span{from: ended, to: sent}
	default:
		open.to = sent
	}
}

// maxDown returns how many servers were certainly down at the same time.
func (t *tally) maxDown() int {
	type turn struct {
		at   time.Time
		step int
	}
	var turns []turn
	spans := slices.Clone(t.spans)
	for _, open := range t.away {
		spans = append(spans, *open)
	}
	for _, s := range spans {
		if s.from.Before(s.to) {
			turns = append(turns, turn{s.from, 1}, turn{s.to, -1})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(a.at.Compare(b.at), a.step-b.step) })
	most, count := 0, 0
	for _, turn := range turns {
		count += turn.step
		most = max(most, count)
	}
	return most
}
