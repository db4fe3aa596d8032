// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// ledger remembers what one process has seen and done. Terraform shows a
// provider one resource at a time and never the whole plan; what has to be
// judged across resources (are two given one name, are there addresses enough
// for all) is counted here. Plan and apply are different processes, so the
// ledger of an apply knows nothing of its plan, and no rule may rely on that.
type ledger struct {
	mu sync.Mutex

	// seen holds the addresses of servers, and the images, that belong to this
	// configuration: prior state, refreshed, made or being destroyed here.
	seen map[string]struct{}
	// kept holds, by kind and name and by address, the servers that were
	// planned with a prior state and nothing that replaces them.
	kept map[string]struct{}
	// counts holds how often something was met that there should be one of: a
	// planned creation by kind and name, a fixed address by the attribute that
	// asks for it, a claim by its address.
	counts map[string]int
	// needs counts the planned creations that will choose an address, by place.
	needs map[string]int
	// places holds what needs counts for.
	places map[string]Need
	// idle holds the labels of the private addresses that the configuration keeps
	// and that no server has, by address.
	idle map[string]string
	// choices holds what planned creations of private addresses will ask for.
	choices map[choice]struct{}
	// told holds what was reported once already.
	told map[string]struct{}
	// adopted holds the objects of earlier, interrupted applies that this
	// process took over, by kind and id or address.
	adopted map[string]struct{}
	// doomed holds the addresses of servers that this process is asked to delete.
	doomed map[string]struct{}
	// leaving holds the objects whose deletion this process has begun.
	leaving map[string]struct{}
	// refreshed is true once something has been refreshed, which only
	// happens while planning.
	refreshed bool
	// applying is true from the first change on.
	applying bool
}

// NewLedger returns a ledger in which nothing is recorded yet.
func NewLedger() *ledger {
	return &ledger{
		seen:    map[string]struct{}{},
		kept:    map[string]struct{}{},
		counts:  map[string]int{},
		needs:   map[string]int{},
		places:  map[string]Need{},
		idle:    map[string]string{},
		choices: map[choice]struct{}{},
		told:    map[string]struct{}{},
		adopted: map[string]struct{}{},
		doomed:  map[string]struct{}{},
		leaving: map[string]struct{}{},
	}
}

// ImageKey is what the ledger knows an image by, told by its id.
func ImageKey(id types.String) string { return "image/" + id.ValueString() }

// See records that what has these keys belongs to the configuration: the
// addresses of a server, or ImageKey of an image.
func (l *ledger) See(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		l.seen[key] = struct{}{}
	}
}

func (l *ledger) HasSeen(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.seen[key]
	return ok
}

// Refresh records what was refreshed, with its keys as in see.
func (l *ledger) Refresh(keys ...string) {
	l.See(keys...)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refreshed = true
}

// Keep records that an existing object of this kind and name stays where it
// is.
func (l *ledger) Keep(kind, name string, addresses ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept[kind+"/"+name] = struct{}{}
	for _, address := range addresses {
		l.kept[address] = struct{}{}
	}
}

// Leaves tells whether the object at an address belongs to the configuration
// and is not known to stay.
func (l *ledger) Leaves(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, seen := l.seen[address]
	_, kept := l.kept[address]
	return seen && !kept
}

// Count counts what was met under a kind and a key, as in counts, and returns
// how often by now.
func (l *ledger) Count(kind, key string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[kind+"/"+key]++
	return l.counts[kind+"/"+key]
}

// PlanNeed counts a planned creation that will choose an address in a place,
// and returns how many do by now. The creation that replaces a kept object of
// its own name needs none: it gets that one's.
func (l *ledger) PlanNeed(place Need, kind, name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := place.String()
	l.places[key] = place
	if _, replacement := l.kept[kind+"/"+name]; !replacement || name == "" {
		l.needs[key]++
	}
	return l.needs[key]
}

// Planned returns the places in which planned creations will choose addresses,
// with how many do.
func (l *ledger) Planned() []plannedNeed {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []plannedNeed
	for key, place := range l.places {
		all = append(all, plannedNeed{place, l.needs[key]})
	}
	return all
}

// plannedNeed is a place and how many planned creations choose an address there.
type plannedNeed struct {
	Need
	Count int
}

// Keeps reports whether an address is surely in use after the plan: an object
// of the configuration stays with it.
func (l *ledger) Keeps(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, kept := l.kept[address]
	_, idle := l.idle[address]
	return kept || idle
}

// KeepIdle records a private address that the configuration keeps, under a
// label, and that no server has.
func (l *ledger) KeepIdle(address, label string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle[address] = label
}

// choice describes the address that a planned private address requests.
type choice struct {
	request allocation.Request
	label   string
}

// Choose records what a planned creation of a private address will ask for.
func (l *ledger) Choose(request allocation.Request, label string) {
	request.Holder = ""
	l.mu.Lock()
	defer l.mu.Unlock()
	l.choices[choice{request, label}] = struct{}{}
}

// Mistakable names the first idle address among those of the account that a
// planned creation might be given, were it free; empty if there is none. Leases
// keep a creation away from addresses of other labels.
func (l *ledger) Mistakable(ips []client.IP, leased bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for choice := range l.choices {
		for _, ip := range allocation.Fitting(ips, choice.request) {
			if label, idle := l.idle[ip.Address]; idle && (!leased || label == choice.label) {
				return ip.Address
			}
		}
	}
	return ""
}

// Once returns true the first time it is asked about a subject.
func (l *ledger) Once(subject string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.told[subject]; ok {
		return false
	}
	l.told[subject] = struct{}{}
	return true
}

// HasRefreshed reports whether this process has refreshed something, which only
// happens while planning.
func (l *ledger) HasRefreshed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refreshed
}

// Begin records that this process has started to change the grid. From then
// on a check over the whole plan must not fail a resource any more.
func (l *ledger) Begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.applying = true
}

func (l *ledger) Begun() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.applying
}

// TryAdopt records that this process takes over an existing object, and reports
// whether it may: not if a deletion of the object has begun. A deletion that
// follows in the same process is the second half of a replacement, or of a
// renamed resource, whose creation found the old object: see TryLeave.
func (l *ledger) TryAdopt(kind, key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, leaves := l.leaving[kind+"/"+key]; leaves {
		return false
	}
	l.adopted[kind+"/"+key] = struct{}{}
	return true
}

// Adopt is TryAdopt for an object whose deletion cannot have begun.
func (l *ledger) Adopt(kind, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.adopted[kind+"/"+key] = struct{}{}
}

func (l *ledger) HasAdopted(kind, key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.adopted[kind+"/"+key]
	return ok
}

// TryLeave records that the deletion of an object begins, and reports whether it
// may: not if this process has taken the object over.
func (l *ledger) TryLeave(kind, key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.adopted[kind+"/"+key]; ok {
		return false
	}
	l.leaving[kind+"/"+key] = struct{}{}
	return true
}

// Doom records that this process is asked to delete the server with these
// addresses. Until the deletion begins, a creation may take the server over.
func (l *ledger) Doom(addresses ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, address := range addresses {
		l.doomed[address] = struct{}{}
	}
}

// IsDoomed reports whether this process is asked to delete the server at an
// address and has not begun to.
func (l *ledger) IsDoomed(kind, address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, doomed := l.doomed[address]
	_, leaves := l.leaving[kind+"/"+address]
	return doomed && !leaves
}

// CheckMoved warns of a plan that deletes an object of one resource and creates
// the same object for another.
func (s *Session) CheckMoved(kind, name string, creates bool) diag.Diagnostics {
	both := s.Keys.PlanGoing
	if creates {
		both = s.Keys.PlanComing
	}
	if s.Destroys || !both(kind, name, name) || s.Ledger.Begun() {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("One resource deletes the %s %q and another creates it", kind, name),
		"Terraform runs the two in any order, so the object is lost or created again. If a resource was renamed in the configuration, or an index has shifted, "+
			"add a moved block, and nothing is deleted:\n\n  moved {\n    from = <old address>\n    to   = <new address>\n  }")}
}

// Need is a place in which planned creations will choose addresses.
type Need struct {
	At      path.Path
	Request allocation.Request
}

func (n Need) String() string {
	return fmt.Sprintf("%t/%s/%s/%s", n.Request.Public, n.Request.Datacenter, n.Request.Range, n.At.ParentPath())
}
