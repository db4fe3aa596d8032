// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"cmp"
	"slices"
	"time"
)

// tally reckons from answers how many servers were away at the same time.
//
// What an asking finds was so at some moment between its sending and its end,
// which may be long after on a busy machine. So a server was surely away only
// from the end of the first asking that failed to the beginning of the last one
// in a row, and nobody is blamed for what the asking itself has missed.
type tally struct {
	answers int
	away    map[string]*span // the servers that answer nothing at present
	spans   []span
}

// span is a time in which a server was away.
type span struct{ from, to time.Time }

func newTally() *tally { return &tally{away: map[string]*span{}} }

// record takes what came of asking a server.
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

// maxAway is how many servers were surely away at the same time.
func (t *tally) maxAway() int {
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
