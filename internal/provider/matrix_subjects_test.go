// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// subjects returns the kinds of objects that TestMatrix tests.
func subjects() []*subject {
	return []*subject{
		serverSubject(), addressSubject(), savedImageSubject(), builtImageSubject(), preparedImageSubject(),
		objectSubject(), channelSubject(), deploySubject(),
	}
}

// refresh refreshes and plans an unchanged object, and records the plan's action.
func refresh(s *stage) acctest.Diagnostics {
	plan := s.object.Plan(s.config)
	s.action = plan.Action()
	return plan.Diagnostics
}

// apply applies the configuration of the stage.
func apply(s *stage) acctest.Diagnostics { return s.object.Apply(s.config) }

// destroyObject refreshes and deletes the object. It does nothing if the state
// is empty, because Terraform does not call the provider in that case.
func destroyObject(s *stage) acctest.Diagnostics {
	if !s.object.Exists() {
		return nil
	}
	return s.object.Destroy()
}

// removeObject deletes the object without a refresh.
func removeObject(s *stage) acctest.Diagnostics { return s.object.Remove() }

// createObject creates the object with the configuration of the stage.
func createObject(s *stage) { s.object.Apply(s.config).WantOK(s.t) }

// basicPhases returns the phases that most subjects share.
func basicPhases() []phase {
	return []phase{
		{name: "refresh", goal: goalNoOp, setUp: createObject, run: refresh},
		{name: "create", goal: goalCreate, run: apply},
		{name: "delete", goal: goalDelete, setUp: createObject, run: removeObject, breadth: narrow},
		{name: "destroy", goal: goalDelete, setUp: createObject, run: destroyObject},
	}
}

// update returns a phase that changes an object from one configuration to
// another.
func update(name string, from, to acctest.Attributes, verify func(*stage) string) phase {
	return phase{
		name: name, goal: goalUpdate, run: apply, verify: verify,
		setUp: func(s *stage) {
			config := s.config
			s.config = config.With(from)
			createObject(s)
			s.config = config.With(to)
		},
	}
}

// narrowed returns the phase limited to the core faults.
func narrowed(p phase) phase {
	p.breadth = narrow
	return p
}

// newServerStage returns the stage of a server, next to an unrelated server.
func newServerStage(t *testing.T) *stage {
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "unrelated", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", 0))
	return &stage{
		t: t, grid: grid, unrelated: []string{"unrelated"},
		object: grid.Manage(t, "gogrid_server", providertest.Deployment()),
		config: providertest.Web1().With(acctest.Attributes{"description": "first"}),
	}
}

// wantServer returns a check that the server web1 has the wanted values and
// that the state has its id.
func wantServer(matches func(simulator.ServerInfo) bool) func(*stage) string {
	return func(s *stage) string {
		if server := s.grid.Server(s.t, "web1"); !matches(server) || strconv.FormatInt(server.ID, 10) != s.object.Get("id") {
			return fmt.Sprintf("the server is %+v, but the state has id %v", server, s.object.Get("id"))
		}
		return ""
	}
}

func serverSubject() *subject {
	on, off := acctest.Attributes{"power_state": "on"}, acctest.Attributes{"power_state": "off"}
	trigger := func(release string) acctest.Attributes {
		return acctest.Attributes{"restart_triggers": acctest.Attributes{"release": release}}
	}
	is := func(state string) func(*stage) string {
		return wantServer(func(server simulator.ServerInfo) bool { return server.State == state })
	}
	replace := narrowed(update("replace", nil, acctest.Attributes{"image": "rhel5.6_64_base"}, is("On")))
	replace.goal = goalReplace
	phases := basicPhases()
	phases[1].verify = is("On")
	return &subject{
		name: "server", newStage: newServerStage, dropFields: map[string]string{"refresh": "grid.server.list", "create": "grid.job.list"},
		phases: append(
			phases,
			update("resize", nil, acctest.Attributes{"ram": "2GB"}, wantServer(func(server simulator.ServerInfo) bool { return server.RAM == "2GB" })),
			narrowed(update("describe", nil, acctest.Attributes{"description": "second"},
				wantServer(func(server simulator.ServerInfo) bool { return server.Description != "first" }))),
			narrowed(update("stop", on, off, is("Off"))),
			narrowed(update("start", off, on, is("On"))),
			update("restart", trigger("1"), trigger("2"), is("On")),
			replace,
		),
	}
}

// newShare returns a share and the provider block that uses it. The block has no
// password, so the provider reads the password from the grid's list.
func newShare(t *testing.T, grid *acctest.Grid) (*storagetest.Server, acctest.Attributes) {
	share := storagetest.Start(t)
	share.Account(strconv.FormatInt(simulator.DefaultAccount, 10), grid.Passwords(t)[""])
	return share, providertest.CloudStorage(share, acctest.Attributes{"username": nil, "password": nil})
}

func addressSubject() *subject {
	return &subject{
		name: "private_ip", methods: []string{"grid.ip.list", "grid.server.list", "support.password.list"}, dropFields: map[string]string{"refresh": "grid.ip.list"},
		newStage: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			share, block := newShare(t, grid)
			return &stage{
				t: t, grid: grid, share: share, object: grid.Manage(t, "gogrid_private_ip", providertest.Deployment(), block),
				config: acctest.Attributes{"label": "db", "datacenter": "US-West-1"},
			}
		},
		phases: append(basicPhases(), update("relabel", nil, acctest.Attributes{"label": "db2"}, nil)),
	}
}

func savedImageSubject() *subject {
	return &subject{
		name:       "saved_image",
		methods:    []string{"grid.image.list", "grid.image.get", "grid.image.save", "grid.image.edit", "grid.image.delete", "grid.server.list"},
		dropFields: map[string]string{"refresh": "grid.image.list"},
		newStage: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", grid.Address(t, true, "US-West-1", 0))
			return &stage{
				t: t, grid: grid, object: grid.Manage(t, providertest.ImageType, providertest.Deployment()), isBuild: true, unrelated: []string{"golden"},
				config: acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")},
			}
		},
		phases: append(
			basicPhases(),
			update("edit", nil, acctest.Attributes{"friendly_name": "golden 2", "description": "2026"}, func(s *stage) string {
				if images := s.grid.Images(); len(images) != 1 || images[0].FriendlyName != "golden 2" {
					return fmt.Sprintf("the images are %+v, want only golden 2", images)
				}
				return ""
			}),
		),
	}
}

func builtImageSubject() *subject {
	return &subject{
		name: "built_image", breadth: narrow,
		methods: []string{
			"grid.image.list", "grid.image.get", "grid.image.save", "grid.job.list", "grid.server.add", "grid.server.delete", "grid.server.get", "grid.server.list",
		},
		newStage: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			return &stage{t: t, grid: grid, object: grid.Manage(t, providertest.ImageType, providertest.Deployment()), config: providertest.BuiltImage(), isBuild: true}
		},
		phases: basicPhases()[:2],
	}
}

// preparedImageSubject returns an image whose build logs in to its sandbox with a
// password from the grid's list. The faults of other methods are tested by
// builtImageSubject, whose builds need no login.
func preparedImageSubject() *subject {
	return &subject{
		name: "prepared_image", breadth: narrow, methods: []string{"support.password.list"},
		dropFields: map[string]string{"create": "support.password.list"},
		newStage: func(t *testing.T) *stage {
			grid := acctest.NewQuickGuestGrid(t)
			return &stage{
				t: t, grid: grid, object: grid.Manage(t, providertest.ImageType, providertest.Deployment()), isBuild: true,
				config: providertest.ImageOnGuests(grid, acctest.Attributes{"files": nil, "commands": []any{"true"}}),
			}
		},
		phases: basicPhases()[1:2],
	}
}

func objectSubject() *subject {
	return &subject{
		name: "storage_object", breadth: narrow, methods: []string{"support.password.list"}, dropFields: map[string]string{"refresh": "support.password.list"},
		newStage: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			share, block := newShare(t, grid)
			return &stage{
				t: t, grid: grid, share: share, object: grid.Manage(t, providertest.ObjectType, providertest.Deployment(), block),
				config: acctest.Attributes{"path": "releases/app.txt", "content": "one"},
			}
		},
		phases: append(basicPhases(), update("upload", nil, acctest.Attributes{"content": "two"}, nil)),
	}
}

func channelSubject() *subject {
	return &subject{
		name: "channel", breadth: narrow, methods: []string{"support.password.list"},
		newStage: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			share, block := newShare(t, grid)
			return &stage{
				t: t, grid: grid, share: share, object: grid.Manage(t, providertest.ChannelType, providertest.Deployment(), block), config: providertest.UploadedRelease(t, share, "v1"),
			}
		},
		phases: append(basicPhases(), phase{
			name: "release", goal: goalUpdate, run: apply,
			setUp: func(s *stage) {
				createObject(s)
				s.config = providertest.UploadedRelease(s.t, s.share, "v2")
			},
		}),
	}
}

func deploySubject() *subject {
	return &subject{
		name: "deploy", breadth: narrow, methods: []string{"grid.server.add", "grid.server.list", "grid.server.get", "grid.server.power", "*"},
		newStage: func(t *testing.T) *stage {
			r := providertest.NewDeployRig(t)
			return &stage{t: t, grid: r.Grid, share: r.Share, rig: r, object: r.Manage(), config: providertest.Web1().With(r.Attributes("v1"))}
		},
		phases: append(basicPhases()[:2], phase{
			name: "deploy", goal: goalUpdate, run: apply,
			setUp: func(s *stage) {
				createObject(s)
				s.rig.Publish("v2", "v1")
				s.config = providertest.Web1().With(s.rig.Attributes("v2"))
			},
			verify: func(s *stage) string {
				if status := s.rig.Status("web1"); status["release"] != "v2" {
					return fmt.Sprintf("the status of the server is %v, want release v2", status)
				}
				return ""
			},
		}),
	}
}
