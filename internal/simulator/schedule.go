// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "container/heap"

type objectKind byte

const (
	kindServer objectKind = iota + 1
	kindImage
	kindBalancer
	kindJob      // the job enters another state
	kindPassword // the server's password appears
	kindBoot     // the server's guest begins to answer
	kindAge      // a stale response can show the current state from this moment
)

// event is a moment at which an object changes, or at which the API begins to show other values.
type event struct {
	at      moment
	kind    objectKind
	account int64
	id      int64
}

// schedule is a heap of future events, earliest first. Events at the same time
// are sorted by kind and id, so that every run applies them in the same order.
type schedule []event

func (s schedule) Len() int      { return len(s) }
func (s schedule) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s schedule) Less(i, j int) bool {
	a, b := s[i], s[j]
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.kind != b.kind:
		return a.kind < b.kind
	default:
		return a.id < b.id
	}
}

// Push implements heap.Interface.
func (s *schedule) Push(x any) { *s = append(*s, x.(event)) }

// Pop implements heap.Interface.
func (s *schedule) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

func (s *schedule) add(w event) { heap.Push(s, w) }

// next removes and returns the earliest event if it is due.
func (s *schedule) next(now moment) (event, bool) {
	if len(*s) == 0 || (*s)[0].at > now {
		return event{}, false
	}
	return heap.Pop(s).(event), true
}
