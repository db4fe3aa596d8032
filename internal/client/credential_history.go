// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"sync"
)

// credentialHistory records the methods for which the service accepted the
// credential of a client. If the service accepted a credential and refuses it
// later, the credential is probably still valid. For example, the clock of a
// machine that wakes from sleep is slow for some seconds, and a signature is
// valid for a limited time.
type credentialHistory struct {
	mu      sync.Mutex
	methods map[string]struct{}
}

// accept records that a call of a method succeeded.
func (t *credentialHistory) accept(method string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.methods == nil {
		t.methods = map[string]struct{}{}
	}
	t.methods[method] = struct{}{}
}

// acceptedBefore reports whether an answer with the given status refuses a
// credential or a method that the service accepted before. Status 403 refuses
// the credential, status 401 the method.
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

// isPermanentRefusal reports whether an error refuses the credential permanently: the
// service never accepted its key and secret, or never allowed its role to call the
// method.
func (t *credentialHistory) isPermanentRefusal(err error) bool {
	failure, refused := asRefused(err)
	return refused && (failure.Status == http.StatusForbidden || failure.Status == http.StatusUnauthorized) &&
		!t.acceptedBefore(failure.Method, failure.Status)
}
