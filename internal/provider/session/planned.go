// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// planned records what the plan keeps and what it creates. Terraform passes
// resources to the provider one at a time and never the whole plan, so the
// provider checks rules that span resources, such as unique names, against
// these records. The zero value is ready for use.
type planned struct {
	mu sync.Mutex

	// kept holds the servers that the plan neither deletes nor replaces. Each
	// server has an entry for its kind and name, and one for each address.
	kept set
	// idle maps private addresses to labels. It holds the addresses that the
	// configuration keeps and that no server has.
	idle map[string]string
	// counts holds the number of occurrences of each value that must be unique:
	// the name of a planned creation by kind, a configured address by
	// attribute, or a claimed address.
	counts map[string]int
	// needs counts the planned creations that will choose an address, by the
	// key of their Need.
	needs map[string]plannedNeed
	// files holds the resources of the plan that have a file on Cloud Storage, by the
	// folded path of the file.
	files map[string]plannedOwners
	// requests holds the requests of planned private addresses.
	requests map[plannedRequest]struct{}
}

// Need describes the addresses from which planned creations will choose.
type Need struct {
	At      path.Path // attribute for which the address is chosen
	Request allocation.Request
}

// String returns the key of a need. Needs with the same key are counted
// together.
func (n Need) String() string {
	return fmt.Sprintf("%t/%s/%s/%s", n.Request.Public, n.Request.Datacenter, n.Request.Range, n.At.ParentPath())
}

// plannedNeed is a need with the number of planned creations that have it.
type plannedNeed struct {
	Need
	Count int
}

// plannedRequest is the request of a planned private address.
type plannedRequest struct {
	request allocation.Request
	label   string
}

// KeepServer records that the plan keeps an existing server of this kind and
// name, with its addresses.
func (p *planned) KeepServer(kind, name string, addresses ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept.add(kind + "/" + name)
	for _, address := range addresses {
		p.kept.add(address)
	}
}

// KeepsServerAt reports whether the plan keeps a server with an address.
func (p *planned) KeepsServerAt(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept.has(address)
}

// KeepIdleAddress records that the configuration keeps a private address under a
// label, and that no server has the address.
func (p *planned) KeepIdleAddress(address, label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.idle == nil {
		p.idle = map[string]string{}
	}
	p.idle[address] = label
}

// KeepsAddress reports whether the configuration keeps an address, with a server or
// idle.
func (p *planned) KeepsAddress(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, idle := p.idle[address]
	return idle || p.kept.has(address)
}

// Count adds one to the count of a value that must be unique, and returns the
// count. kind names the type of the value.
func (p *planned) Count(kind, value string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts == nil {
		p.counts = map[string]int{}
	}
	p.counts[kind+"/"+value]++
	return p.counts[kind+"/"+value]
}

// AddNeed counts a planned creation that will choose an address, and returns the
// number of creations with this need. A creation that replaces a kept object of the
// same name is not counted, because it gets that object's address.
func (p *planned) AddNeed(need Need, kind, name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.needs == nil {
		p.needs = map[string]plannedNeed{}
	}
	key := need.String()
	count := p.needs[key].Count
	if name == "" || !p.kept.has(kind+"/"+name) {
		count++
	}
	p.needs[key] = plannedNeed{need, count}
	return count
}

// Needs returns the needs of all planned creations.
func (p *planned) Needs() []plannedNeed {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []plannedNeed
	for _, need := range p.needs {
		all = append(all, need)
	}
	return all
}

// AddRequest records the request of a planned private address, and its label.
func (p *planned) AddRequest(request allocation.Request, label string) {
	request.Holder = ""
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.requests == nil {
		p.requests = map[plannedRequest]struct{}{}
	}
	p.requests[plannedRequest{request, label}] = struct{}{}
}

// FirstIdleMatch returns an idle address that the apply could also assign to a
// planned private address, or "" if there is none. If leased is true, only
// planned addresses with the same label count, because a lease protects the
// idle address from the others.
func (p *planned) FirstIdleMatch(ips []client.IP, leased bool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for entry := range p.requests {
		for _, ip := range allocation.Fitting(ips, entry.request) {
			if label, idle := p.idle[ip.Address]; idle && (!leased || label == entry.label) {
				return ip.Address
			}
		}
	}
	return ""
}

// FreesAddress reports whether the server at an address belongs to this
// configuration, and the plan is not known to keep it.
func (s *Session) FreesAddress(address string) bool {
	return s.Known.HasSeen(address) && !s.Planned.KeepsServerAt(address)
}

// CheckMoved returns a warning if a plan deletes an object of one resource and
// creates the same object for another. creates is true if the calling resource
// creates the object, and false if it deletes the object.
func (s *Session) CheckMoved(kind, name string, creates bool) diag.Diagnostics {
	plansBoth := s.Keys.PlanGoing
	if creates {
		plansBoth = s.Keys.PlanComing
	}
	if s.Destroys || !plansBoth(kind, name, name) || s.Phase.IsApply() {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("One resource deletes the %s %q and another creates it", kind, name),
		"Terraform runs the two in any order, so the object is lost or created again. If a resource was renamed in the configuration, or an index has shifted, "+
			"add a moved block, and nothing is deleted:\n\n  moved {\n    from = <old address>\n    to   = <new address>\n  }")}
}
