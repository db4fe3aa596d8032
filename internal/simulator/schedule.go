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
	kindAge      // a stale answer catches up with the others
)

// wake is a moment at which an object changes, or begins to show something else.
type event struct {
	at      moment
	kind    objectKind
	account int64
	id      int64
}

// schedule holds what is due, earliest first; equal times go by kind and id, so that every run folds in the same order.
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

// Push is for container/heap.
func (s *schedule) Push(x any) { *s = append(*s, x.(event)) }

// Pop is for container/heap.
func (s *schedule) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

func (s *schedule) add(w event) { heap.Push(s, w) }

func (s *schedule) next(now moment) (event, bool) {
	if len(*s) == 0 || (*s)[0].at > now {
		return event{}, false
	}
	return heap.Pop(s).(event), true
}
