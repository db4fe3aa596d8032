// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import "sync"

// phase records which stage the command of this process has reached. Terraform
// does not pass the stage to the provider, so the provider deduces the stage
// from the calls. The zero value is ready for use.
type phase struct {
	mu        sync.Mutex
	refreshed bool
	applying  bool
	reported  set
}

// MarkRefreshed records that this process has refreshed an object.
func (p *phase) MarkRefreshed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refreshed = true
}

// HasRefreshed reports whether this process has refreshed an object, which only
// happens while planning.
func (p *phase) HasRefreshed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refreshed
}

// BeginApply records that this process begins to change the grid. From then on,
// checks of the whole plan must not return errors.
func (p *phase) BeginApply() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.applying = true
}

// IsApply reports whether this process has begun to change the grid.
func (p *phase) IsApply() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.applying
}

// FirstTime reports whether this is the first call with a subject in this
// process. Callers use it to report a diagnostic about several resources only
// once.
func (p *phase) FirstTime(subject string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reported.has(subject) {
		return false
	}
	p.reported.add(subject)
	return true
}

// Refreshed records that this process has refreshed an object of the configuration,
// with keys as in See.
func (s *Session) Refreshed(keys ...string) {
	s.Known.See(keys...)
	s.Phase.MarkRefreshed()
}
