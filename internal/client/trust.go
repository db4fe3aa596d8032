// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"sync"
)

// trust remembers what the credential of a client was accepted for. A
// credential that was accepted and is refused later is probably still good: a
// machine that wakes from sleep has a slow clock for some seconds, and a
// signature goes by time.
type trust struct {
	mu      sync.Mutex
	methods map[string]struct{}
}

// accept notes that a call succeeded.
func (t *trust) accept(method string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.methods == nil {
		t.methods = map[string]struct{}{}
	}
	t.methods[method] = struct{}{}
}

// any reports whether any call was accepted.
func (t *trust) any() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.methods) > 0
}

// has reports whether the method was accepted.
func (t *trust) has(method string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, accepted := t.methods[method]
	return accepted
}

// refuses reports whether an error refuses the credential for good: its key or
// secret was never accepted, or its role never allowed the method.
func (t *trust) refuses(err error) bool {
	failure, refused := asRefused(err)
	if !refused {
		return false
	}
	switch failure.Status {
	case http.StatusForbidden:
		return !t.any()
	case http.StatusUnauthorized:
		return !t.has(failure.Method)
	default:
		return false
	}
}
