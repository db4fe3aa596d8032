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

// stage is the environment of a cell: a grid, perhaps a share, and one object.
type stage struct {
	t      *testing.T
	grid   *acctest.Grid
	share  *storagetest.Server     // nil without one
	rig    *providertest.DeployRig // nil without one
	object *acctest.Managed
	config acctest.Attributes // what the object is to be in the end
	action string             // of the newest plan of a phase that keeps

	// aside are the names of servers that the object has nothing to do with.
	aside []string
	// builds is true where the servers of the grid are those of a build.
	builds bool
	// unsure is true where the provider cannot know that an answer is incomplete. It may then plan an update in place.
	unsure bool
	start  snapshot
}

// snapshot holds the objects of a stage at one moment.
type snapshot struct {
	servers []simulator.ServerInfo // without those aside
	images  []simulator.ImageInfo
	leases  []string // addresses
	files   []string // without leases
	jobs    map[string]int
}

// failed are the states of servers that never ran.
func failed(server simulator.ServerInfo) bool { return server.ID == 0 || server.State == "Unknown" }

func (s *stage) look() snapshot {
	now := snapshot{images: s.grid.Images(), jobs: map[string]int{}}
	for _, server := range s.grid.Inspect().Servers {
		if !slices.Contains(s.aside, server.Name) {
			now.servers = append(now.servers, server)
		}
	}
	for _, command := range []string{"CreateVirtualServer", "DeleteVirtualServer", "SaveServerImage", "RestartVirtualServer"} {
		now.jobs[command] = s.grid.Jobs(command)
	}
	if s.share != nil {
		for file := range providertest.ShareFiles(s.t, s.share) {
			if address, ok := strings.CutPrefix(file, "leases/private-ip/"); ok {
				now.leases = append(now.leases, strings.TrimSuffix(address, ".json"))
			} else {
				now.files = append(now.files, file)
			}
		}
		slices.Sort(now.files)
	}
	return now
}

// mark records the objects that exist before the command.
func (s *stage) mark() { s.start = s.look() }

// violate reports that an invariant does not hold, in one line.
func (s *stage) violate(invariant, format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("%s: %s", invariant, strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
}

// check checks the objects and messages after a command that may have met a
// fault.
func (s *stage) check(p *phase, diagnostics acctest.Diagnostics) {
	s.t.Helper()
	now, errors := s.look(), diagnostics.Errors()
	s.wantNamed(now, diagnostics.String())
	s.wantTrue(now, diagnostics.String())
	s.wantAside()
	switch {
	case p.goal == removes:
		if len(errors) == 0 && (s.object.Exists() || s.alive(now) > 0) {
			s.violate("false success", "the command removed the object without an error, and the grid has %s", now)
		}
		return
	case p.goal != makes && !s.object.Exists() && (p.goal != replaces || len(errors) == 0):
		s.violate("left the state", "%s", diagnostics)
	case p.goal == keeps && len(errors) == 0 && s.action != "no-op" && (!s.unsure || s.action != "update"):
		s.violate("wrong plan", "the plan of an unchanged object is %s; %s", s.action, diagnostics)
	case p.goal == makes && len(errors) == 0 && !s.object.Exists():
		s.violate("false success", "no error, and the state has no object: %s", diagnostics)
	}
	if len(errors) == 0 && p.done != nil && s.object.Exists() {
		if wrong := p.done(s); wrong != "" {
			s.violate("false success", "%s; %s", wrong, diagnostics)
		}
	}
	if p.goal != replaces {
		s.wantHealthy(s.start, now)
	}
}

// alive counts the objects that the removal of the stage's object leaves.
func (s *stage) alive(now snapshot) (n int) {
	for _, server := range now.servers {
		if server.Operation != "delete" {
			n++
		}
	}
	return n + len(now.images) + len(now.leases)
}

// wantNamed checks that the state or a message names each object that there is.
func (s *stage) wantNamed(now snapshot, said string) {
	s.t.Helper()
	known := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.Contains(said, name) })
	}
	for _, server := range now.servers {
		held := s.object.Mentions(strconv.FormatInt(server.ID, 10)) || server.ID == 0 && s.object.Mentions(server.Name)
		if !held && server.Operation != "delete" && !known(server.Name, server.PublicIP, strconv.FormatInt(server.ID, 10)) {
			s.violate("orphan", "neither state nor message names the server %+v: %s", server, said)
		}
	}
	for _, image := range now.images {
		if !s.object.Mentions(strconv.FormatInt(image.ID, 10)) && !known(image.Name, image.FriendlyName, strconv.FormatInt(image.ID, 10)) {
			s.violate("orphan", "neither state nor message names the image %+v: %s", image, said)
		}
	}
	for _, address := range now.leases {
		if !s.object.Mentions(address) && !known(address) {
			s.violate("orphan", "neither state nor message names the lease of %s: %s", address, said)
		}
	}
}

// wantTrue checks that no message calls a billed server unbilled.
func (s *stage) wantTrue(now snapshot, said string) {
	s.t.Helper()
	if !strings.Contains(said, "nothing is billed") {
		return
	}
	for _, server := range now.servers {
		if server.Operation != "delete" {
			s.violate("false message", "the server %s with id %d is billed: %s", server.Name, server.ID, said)
		}
	}
}

// wantAside checks that the servers aside are as they were.
func (s *stage) wantAside() {
	s.t.Helper()
	for _, name := range s.aside {
		found := false
		for _, server := range s.grid.Inspect().Servers {
			found = found || server.Name == name && server.Operation == ""
		}
		if !found {
			s.violate("stranger", "the server %s was changed", name)
		}
	}
}

// wantHealthy checks that the objects of one moment are there at a later one.
func (s *stage) wantHealthy(then, now snapshot) {
	s.t.Helper()
	for _, server := range then.servers {
		if !failed(server) && !slices.ContainsFunc(now.servers, func(other simulator.ServerInfo) bool {
			return other.ID == server.ID && other.Operation != "delete"
		}) {
			s.violate("replaced", "the server %s with id %d is gone", server.Name, server.ID)
		}
	}
	for _, image := range then.images {
		if !slices.ContainsFunc(now.images, func(other simulator.ImageInfo) bool { return other.ID == image.ID }) {
			s.violate("replaced", "the image %s with id %d is gone", image.FriendlyName, image.ID)
		}
	}
	for _, address := range then.leases {
		if !slices.Contains(now.leases, address) {
			s.violate("replaced", "the lease of %s is gone", address)
		}
	}
	for _, file := range then.files {
		if !slices.Contains(now.files, file) {
			s.violate("replaced", "the file %s is gone", file)
		}
	}
}

// converge runs the command again, without faults, and checks that it reaches
// the goal, with the objects that the first run left healthy.
func (s *stage) converge(p *phase) {
	s.t.Helper()
	then := s.look()
	again := p.run(s)
	if errors := again.Errors(); len(errors) > 0 {
		s.violate("no convergence", "the next run fails: %s", errors)
		return
	}
	now := s.look()
	if p.goal == removes {
		if s.object.Exists() || len(now.servers)+len(now.images)+len(now.leases) > 0 {
			s.violate("no convergence", "after the next run there is %s", now)
		}
		return
	}
	if p.done != nil {
		if wrong := p.done(s); wrong != "" {
			s.violate("no convergence", "after the next run %s", wrong)
		}
	}
	plan := s.object.Plan(s.config)
	if plan.Action() != "no-op" || len(plan.Diagnostics.Errors()) > 0 {
		s.violate("no convergence", "after the next run the plan is %s: %s", plan.Action(), plan.Diagnostics)
	}
	s.wantAside()
	s.wantOnce(p, now)
	if p.goal != replaces && !s.builds {
		s.wantHealthy(then, now)
	}
}

// wantOnce checks that nothing was made twice.
func (s *stage) wantOnce(p *phase, now snapshot) {
	s.t.Helper()
	before := s.start
	made := func(command string) int { return now.jobs[command] - before.jobs[command] }
	one := 0
	if p.goal == makes || p.goal == replaces {
		one = 1
	}
	servers, images := len(before.servers), len(before.images)
	switch s.object.TypeName {
	case "gogrid_server":
		if p.goal == makes {
			servers++
		}
		if made("CreateVirtualServer") > one {
			s.violate("replaced", "%d servers were created", made("CreateVirtualServer"))
		}
	case providertest.ImageType:
		if p.goal == makes {
			images++
		}
		if made("SaveServerImage") > one {
			s.violate("replaced", "%d images were saved", made("SaveServerImage"))
		}
	}
	if len(now.servers) != servers || len(now.images) != images {
		s.violate("no convergence", "in the end there are %s, want %d servers and %d images", now, servers, images)
	}
	if made("RestartVirtualServer") > 1 {
		s.violate("twice", "the server was restarted %d times", made("RestartVirtualServer"))
	}
}

// String names the objects.
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
