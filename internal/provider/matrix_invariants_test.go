// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// stage is the environment of a cell: a grid, an optional share, and one object.
type stage struct {
	t      *testing.T
	grid   *acctest.Grid
	share  *storagetest.Server     // nil if the subject needs no share
	rig    *providertest.DeployRig // nil if the subject deploys nothing
	object *acctest.Managed
	config acctest.Attributes // the configuration that the object has after the command
	action string             // action of the latest plan that refresh made

	// unrelated lists the names of servers that the command must not change.
	unrelated []string
	// isBuild is true if all other servers on the grid belong to a build.
	isBuild bool
	// mayUpdate is true if the provider cannot detect that an answer is
	// incomplete, so a plan may contain an update in place.
	mayUpdate bool
	start     snapshot
}

// snapshot holds the objects of a stage at one moment.
type snapshot struct {
	servers []simulator.ServerInfo // without unrelated servers
	images  []simulator.ImageInfo
	leases  []string // addresses
	files   []string // without leases
	jobs    map[string]int
}

// failed reports whether a server has never run, because it has no id yet or is
// in state Unknown.
func failed(server simulator.ServerInfo) bool { return server.ID == 0 || server.State == "Unknown" }

// snapshot records the current objects.
func (s *stage) snapshot() snapshot {
	current := snapshot{images: s.grid.Images(), jobs: map[string]int{}}
	for _, server := range s.grid.Inspect().Servers {
		if !slices.Contains(s.unrelated, server.Name) {
			current.servers = append(current.servers, server)
		}
	}
	for _, command := range []string{"CreateVirtualServer", "DeleteVirtualServer", "SaveServerImage", "RestartVirtualServer"} {
		current.jobs[command] = s.grid.Jobs(command)
	}
	if s.share != nil {
		for file := range providertest.ShareFiles(s.t, s.share) {
			if address, ok := strings.CutPrefix(file, "leases/private-ip/"); ok {
				current.leases = append(current.leases, strings.TrimSuffix(address, ".json"))
			} else {
				current.files = append(current.files, file)
			}
		}
		slices.Sort(current.files)
	}
	return current
}

// recordStart records the objects that exist before the command.
func (s *stage) recordStart() { s.start = s.snapshot() }

// violate reports a violated invariant in one line.
func (s *stage) violate(invariant, format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("%s: %s", invariant, strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
}

// check checks the objects and messages after a command in which a fault may
// have occurred.
func (s *stage) check(p *phase, diagnostics acctest.Diagnostics) {
	s.t.Helper()
	current, errors := s.snapshot(), diagnostics.Errors()
	s.wantNamed(current, diagnostics.String())
	s.wantNoFalseBilling(current, diagnostics.String())
	s.wantUnrelated()
	switch {
	case p.goal == goalDelete:
		if len(errors) == 0 && (s.object.Exists() || s.remaining(current) > 0) {
			s.violate("false success", "the command reports no error, but the grid still has %s", current)
		}
		return
	case p.goal != goalCreate && !s.object.Exists() && (p.goal != goalReplace || len(errors) == 0):
		s.violate("left the state", "%s", diagnostics)
	case p.goal == goalNoOp && len(errors) == 0 && s.action != "no-op" && (!s.mayUpdate || s.action != "update"):
		s.violate("wrong plan", "the plan of an unchanged object is %s; %s", s.action, diagnostics)
	case p.goal == goalCreate && len(errors) == 0 && !s.object.Exists():
		s.violate("false success", "no error, but the state has no object: %s", diagnostics)
	}
	if len(errors) == 0 && p.verify != nil && s.object.Exists() {
		if wrong := p.verify(s); wrong != "" {
			s.violate("false success", "%s; %s", wrong, diagnostics)
		}
	}
	if p.goal != goalReplace {
		s.wantKept(s.start, current)
	}
}

// remaining returns the number of images, leases, and servers that are not
// being deleted.
func (s *stage) remaining(current snapshot) (n int) {
	for _, server := range current.servers {
		if server.Operation != "delete" {
			n++
		}
	}
	return n + len(current.images) + len(current.leases)
}

// wantNamed checks that the state or a message names each object that exists.
func (s *stage) wantNamed(current snapshot, messages string) {
	s.t.Helper()
	known := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.Contains(messages, name) })
	}
	for _, server := range current.servers {
		held := s.object.Mentions(strconv.FormatInt(server.ID, 10)) || server.ID == 0 && s.object.Mentions(server.Name)
		if !held && server.Operation != "delete" && !known(server.Name, server.PublicIP, strconv.FormatInt(server.ID, 10)) {
			s.violate("orphan", "neither state nor message names the server %+v: %s", server, messages)
		}
	}
	for _, image := range current.images {
		if !s.object.Mentions(strconv.FormatInt(image.ID, 10)) && !known(image.Name, image.FriendlyName, strconv.FormatInt(image.ID, 10)) {
			s.violate("orphan", "neither state nor message names the image %+v: %s", image, messages)
		}
	}
	for _, address := range current.leases {
		if !s.object.Mentions(address) && !known(address) {
			s.violate("orphan", "neither state nor message names the lease of %s: %s", address, messages)
		}
	}
}

// wantNoFalseBilling checks that no message claims that nothing is billed while a
// server exists.
func (s *stage) wantNoFalseBilling(current snapshot, messages string) {
	s.t.Helper()
	if !strings.Contains(messages, "nothing is billed") {
		return
	}
	for _, server := range current.servers {
		if server.Operation != "delete" {
			s.violate("false message", "the server %s with id %d is billed: %s", server.Name, server.ID, messages)
		}
	}
}

// wantUnrelated checks that the unrelated servers still exist and are idle.
func (s *stage) wantUnrelated() {
	s.t.Helper()
	for _, name := range s.unrelated {
		found := false
		for _, server := range s.grid.Inspect().Servers {
			found = found || server.Name == name && server.Operation == ""
		}
		if !found {
			s.violate("unrelated changed", "the server %s was changed or deleted", name)
		}
	}
}

// wantKept checks that the healthy objects of an earlier snapshot still exist.
func (s *stage) wantKept(earlier, current snapshot) {
	s.t.Helper()
	for _, server := range earlier.servers {
		if !failed(server) && !slices.ContainsFunc(current.servers, func(other simulator.ServerInfo) bool {
			return other.ID == server.ID && other.Operation != "delete"
		}) {
			s.violate("replaced", "the server %s with id %d is gone", server.Name, server.ID)
		}
	}
	for _, image := range earlier.images {
		if !slices.ContainsFunc(current.images, func(other simulator.ImageInfo) bool { return other.ID == image.ID }) {
			s.violate("replaced", "the image %s with id %d is gone", image.FriendlyName, image.ID)
		}
	}
	for _, address := range earlier.leases {
		if !slices.Contains(current.leases, address) {
			s.violate("replaced", "the lease of %s is gone", address)
		}
	}
	for _, file := range earlier.files {
		if !slices.Contains(current.files, file) {
			s.violate("replaced", "the file %s is gone", file)
		}
	}
}

// converge runs the command again without faults. The command must reach the goal
// and keep the objects that the first run left healthy.
func (s *stage) converge(p *phase) {
	s.t.Helper()
	earlier := s.snapshot()
	diagnostics := p.run(s)
	if errors := diagnostics.Errors(); len(errors) > 0 {
		s.violate("no convergence", "the next run fails: %s", errors)
		return
	}
	current := s.snapshot()
	if p.goal == goalDelete {
		if s.object.Exists() || len(current.servers)+len(current.images)+len(current.leases) > 0 {
			s.violate("no convergence", "after the next run the grid still has %s", current)
		}
		return
	}
	if p.verify != nil {
		if wrong := p.verify(s); wrong != "" {
			s.violate("no convergence", "after the next run %s", wrong)
		}
	}
	plan := s.object.Plan(s.config)
	if plan.Action() != "no-op" || len(plan.Diagnostics.Errors()) > 0 {
		s.violate("no convergence", "after the next run the plan is %s: %s", plan.Action(), plan.Diagnostics)
	}
	s.wantUnrelated()
	s.wantNoDuplicates(p, current)
	if p.goal != goalReplace && !s.isBuild {
		s.wantKept(earlier, current)
	}
}

// wantNoDuplicates checks that no object was created twice and that the server
// was restarted at most once.
func (s *stage) wantNoDuplicates(p *phase, current snapshot) {
	s.t.Helper()
	before := s.start
	jobsRun := func(command string) int { return current.jobs[command] - before.jobs[command] }
	allowed := 0
	if p.goal == goalCreate || p.goal == goalReplace {
		allowed = 1
	}
	servers, images := len(before.servers), len(before.images)
	switch s.object.TypeName {
	case "gogrid_server":
		if p.goal == goalCreate {
			servers++
		}
		if jobsRun("CreateVirtualServer") > allowed {
			s.violate("replaced", "%d servers were created", jobsRun("CreateVirtualServer"))
		}
	case providertest.ImageType:
		if p.goal == goalCreate {
			images++
		}
		if jobsRun("SaveServerImage") > allowed {
			s.violate("replaced", "%d images were saved", jobsRun("SaveServerImage"))
		}
	}
	if len(current.servers) != servers || len(current.images) != images {
		s.violate("no convergence", "at the end the grid has %s, want %d servers and %d images", current, servers, images)
	}
	if jobsRun("RestartVirtualServer") > 1 {
		s.violate("twice", "the server was restarted %d times", jobsRun("RestartVirtualServer"))
	}
}

// String lists the objects.
func (n snapshot) String() string {
	var all []string
	for _, server := range n.servers {
		all = append(all, fmt.Sprintf("server %s (%d, %s %s)", server.Name, server.ID, server.State, server.Operation))
	}
	for _, image := range n.images {
		all = append(all, fmt.Sprintf("image %s (%d, %s)", image.FriendlyName, image.ID, image.State))
	}
	return fmt.Sprintf("%q, leases %q, files %q", all, n.leases, n.files)
}
