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

// subjects are the kinds of objects of the matrix.
func subjects() []*subject {
	return []*subject{
		serverSubject(), addressSubject(), savedImageSubject(), builtImageSubject(), preparedImageSubject(),
		objectSubject(), channelSubject(), deploySubject(),
	}
}

// shop is the provider block of all subjects.
func shop() acctest.Attributes { return acctest.Attributes{"deployment": "shop"} }

// refresh plans an object that has not changed.
func refresh(s *stage) acctest.Diagnostics {
	plan := s.object.Plan(s.config)
	s.action = plan.Action()
	return plan.Diagnostics
}

func apply(s *stage) acctest.Diagnostics { return s.object.Apply(s.config) }

// destroyed refreshes and deletes. Terraform does not call the provider once
// the state is empty.
func destroyed(s *stage) acctest.Diagnostics {
	if !s.object.Exists() {
		return nil
	}
	return s.object.Destroy()
}

// removed deletes the object of the state without a refresh.
func removed(s *stage) acctest.Diagnostics { return s.object.Remove() }

// made makes the object as the stage has it configured.
func made(s *stage) { s.object.Apply(s.config).WantOK(s.t) }

// lifePhases are the phases that every subject has.
func lifePhases() []phase {
	return []phase{
		{name: "refresh", goal: keeps, before: made, run: refresh},
		{name: "create", goal: makes, run: apply},
		{name: "delete", goal: removes, before: made, run: removed, breadth: narrow},
		{name: "destroy", goal: removes, before: made, run: destroyed},
	}
}

// update is a phase that changes an object from one configuration to another.
func update(name string, from, to acctest.Attributes, done func(*stage) string) phase {
	return phase{
		name: name, goal: changes, run: apply, done: done,
		before: func(s *stage) {
			config := s.config
			s.config = config.With(from)
			made(s)
			s.config = config.With(to)
		},
	}
}

// narrowed is a phase with the core of the faults.
func narrowed(p phase) phase {
	p.breadth = narrow
	return p
}

func openServer(t *testing.T) *stage {
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "stranger", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", 0))
	return &stage{
		t: t, grid: grid, aside: []string{"stranger"},
		object: grid.Manage(t, "gogrid_server", shop()),
		config: providertest.Web1().With(acctest.Attributes{"description": "first"}),
	}
}

// serverIs returns a check of the server web1.
func serverIs(right func(simulator.ServerInfo) bool) func(*stage) string {
	return func(s *stage) string {
		if now := s.grid.Server(s.t, "web1"); !right(now) || strconv.FormatInt(now.ID, 10) != s.object.Get("id") {
			return fmt.Sprintf("the server is %+v, and the state has %v", now, s.object.Get("id"))
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
		return serverIs(func(now simulator.ServerInfo) bool { return now.State == state })
	}
	replace := narrowed(update("replace", nil, acctest.Attributes{"image": "rhel5.6_64_base"}, is("On")))
	replace.goal = replaces
	life := lifePhases()
	life[1].done = is("On")
	return &subject{
		name: "server", open: openServer, fields: map[string]string{"refresh": "grid.server.list", "create": "grid.job.list"},
		phases: append(
			life,
			update("resize", nil, acctest.Attributes{"ram": "2GB"}, serverIs(func(now simulator.ServerInfo) bool { return now.RAM == "2GB" })),
			narrowed(update("describe", nil, acctest.Attributes{"description": "second"},
				serverIs(func(now simulator.ServerInfo) bool { return now.Description != "first" }))),
			narrowed(update("stop", on, off, is("Off"))),
			narrowed(update("start", off, on, is("On"))),
			update("restart", trigger("1"), trigger("2"), is("On")),
			replace,
		),
	}
}

// storageOf is a share whose password is in the grid's list alone, and the
// provider block that uses it.
func storageOf(t *testing.T, grid *acctest.Grid) (*storagetest.Server, acctest.Attributes) {
	share := storagetest.Start(t)
	share.Account(strconv.FormatInt(simulator.DefaultAccount, 10), grid.Passwords(t)[""])
	return share, providertest.CloudStorage(share, acctest.Attributes{"username": nil, "password": nil})
}

func addressSubject() *subject {
	return &subject{
		name: "private_ip", only: []string{"grid.ip.list", "grid.server.list", "support.password.list"}, fields: map[string]string{"refresh": "grid.ip.list"},
		open: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			share, block := storageOf(t, grid)
			return &stage{
				t: t, grid: grid, share: share, object: grid.Manage(t, "gogrid_private_ip", shop(), block),
				config: acctest.Attributes{"label": "db", "datacenter": "US-West-1"},
			}
		},
		phases: append(lifePhases(), update("relabel", nil, acctest.Attributes{"label": "db2"}, nil)),
	}
}

func savedImageSubject() *subject {
	return &subject{
		name:   "saved_image",
		only:   []string{"grid.image.list", "grid.image.get", "grid.image.save", "grid.image.edit", "grid.image.delete", "grid.server.list"},
		fields: map[string]string{"refresh": "grid.image.list"},
		open: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", grid.Address(t, true, "US-West-1", 0))
			return &stage{
				t: t, grid: grid, object: grid.Manage(t, providertest.ImageType, shop()), builds: true, aside: []string{"golden"},
				config: acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")},
			}
		},
		phases: append(
			lifePhases(),
			update("edit", nil, acctest.Attributes{"friendly_name": "golden 2", "description": "of 2026"}, func(s *stage) string {
				if now := s.grid.Images(); len(now) != 1 || now[0].FriendlyName != "golden 2" {
					return fmt.Sprintf("the image is %+v", now)
				}
				return ""
			}),
		),
	}
}

func builtImageSubject() *subject {
	return &subject{
		name: "built_image", breadth: narrow,
		only: []string{
			"grid.image.list", "grid.image.get", "grid.image.save", "grid.job.list", "grid.server.add", "grid.server.delete", "grid.server.get", "grid.server.list",
		},
		open: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			return &stage{t: t, grid: grid, object: grid.Manage(t, providertest.ImageType, shop()), config: providertest.BuiltImage(), builds: true}
		},
		phases: lifePhases()[:2],
	}
}

// preparedImageSubject is a build that logs in to its sandbox with a password
// of the grid's list. The other methods of a build are spoilt without logins.
func preparedImageSubject() *subject {
	return &subject{
		name: "prepared_image", breadth: narrow, only: []string{"support.password.list"},
		fields: map[string]string{"create": "support.password.list"},
		open: func(t *testing.T) *stage {
			grid := acctest.NewQuickGuestGrid(t)
			return &stage{
				t: t, grid: grid, object: grid.Manage(t, providertest.ImageType, shop()), builds: true,
				config: providertest.ImageOnGuests(grid, acctest.Attributes{"files": nil, "commands": []any{"true"}}),
			}
		},
		phases: lifePhases()[1:2],
	}
}

func objectSubject() *subject {
	return &subject{
		name: "storage_object", breadth: narrow, only: []string{"support.password.list"}, fields: map[string]string{"refresh": "support.password.list"},
		open: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			share, block := storageOf(t, grid)
			return &stage{
				t: t, grid: grid, share: share, object: grid.Manage(t, providertest.ObjectType, shop(), block),
				config: acctest.Attributes{"path": "releases/app.txt", "content": "one"},
			}
		},
		phases: append(lifePhases(), update("upload", nil, acctest.Attributes{"content": "two"}, nil)),
	}
}

func channelSubject() *subject {
	return &subject{
		name: "channel", breadth: narrow, only: []string{"support.password.list"},
		open: func(t *testing.T) *stage {
			grid := acctest.NewQuickGrid(t)
			share, block := storageOf(t, grid)
			return &stage{
				t: t, grid: grid, share: share, object: grid.Manage(t, providertest.ChannelType, shop(), block), config: providertest.UploadedRelease(t, share, "v1"),
			}
		},
		phases: append(lifePhases(), phase{
			name: "release", goal: changes, run: apply,
			before: func(s *stage) {
				made(s)
				s.config = providertest.UploadedRelease(s.t, s.share, "v2")
			},
		}),
	}
}

func deploySubject() *subject {
	return &subject{
		name: "deploy", breadth: narrow, only: []string{"grid.server.add", "grid.server.list", "grid.server.get", "grid.server.power", "*"},
		open: func(t *testing.T) *stage {
			r := providertest.NewDeployRig(t)
			return &stage{t: t, grid: r.Grid, share: r.Share, rig: r, object: r.Manage(), config: providertest.Web1().With(r.Attributes("v1"))}
		},
		phases: append(lifePhases()[:2], phase{
			name: "deploy", goal: changes, run: apply,
			before: func(s *stage) {
				made(s)
				s.rig.Publish("v2", "v1")
				s.config = providertest.Web1().With(s.rig.Attributes("v2"))
			},
			done: func(s *stage) string {
				if told := s.rig.Status("web1"); told["release"] != "v2" {
					return fmt.Sprintf("the server runs %v", told)
				}
				return ""
			},
		}),
	}
}
