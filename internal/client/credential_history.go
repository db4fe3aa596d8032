// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"sync"
)

// credentialHistory records the methods for which the credential of a client was accepted.
// A credential that was accepted and is refused later is probably still good: a
// machine that wakes from sleep has a slow clock for some seconds, and a
// signature is valid for a limited time.
type credentialHistory struct {
	mu      sync.Mutex
	methods map[string]struct{}
}

// accept notes that a call of the method succeeded.
func (t *credentialHistory) accept(method string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.methods == nil {
		t.methods = map[string]struct{}{}
	}
	t.methods[method] = struct{}{}
}

// acceptedBefore reports whether an answer with the status refuses a credential or
// method that was accepted before. A status of 403 refuses the credential, a
// status of 401 the method.
func (t *credentialHistory) acceptedBefore(method string, status int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch status {
	case http.StatusForbidden:
		return len(t.methods) > 0
	case http.StatusUnauthorized:
		_, accepted := t.methods[method]
		return accepted
	default:
		return false
	}
}

// isPermanentRefusal reports whether an error refuses the credential for good: its key or
// secret was never accepted, or its role never allowed the method.
func (t *credentialHistory) isPermanentRefusal(err error) bool {
	failure, refused := asRefused(err)
	return refused && (failure.Status == http.StatusForbidden || failure.Status == http.StatusUnauthorized) &&
		!t.acceptedBefore(failure.Method, failure.Status)
}
