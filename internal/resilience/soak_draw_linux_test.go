// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// soakParts lists the parts of a configuration besides servers.
type soakParts struct{ addresses, build, deploy bool }

// soakPartsOf returns the parts of an iteration. The parts depend on the number
// of the iteration, so that a few consecutive iterations cover all parts.
func soakPartsOf(number uint64) soakParts {
	return []soakParts{
		{},
		{addresses: true},
		{addresses: true, build: true},
		{addresses: true, build: true, deploy: true},
		{addresses: true},
		{build: true},
		{addresses: true},
		{addresses: true, build: true},
	}[number%8]
}

func (p soakParts) String() string {
	text := "servers"
	for _, part := range []struct {
		has  bool
		name string
	}{{p.addresses, "addresses"}, {p.build, "build"}, {p.deploy, "deploy"}} {
		if part.has {
			text += "+" + part.name
		}
	}
	return text
}

// flags returns the flags of a grid for these parts. Tests advance the clock of
// a grid without deploys by hand.
func (p soakParts) flags(ports soakPorts) []string {
	switch {
	case p.deploy:
		const each = "=5s"
		return []string{
			"--guests", "--guest-shared-addresses", fmt.Sprint("--guest-ssh-port=", ports.ssh), fmt.Sprint("--speed=", deployGridSpeed),
			"--timing=" + strings.Join([]string{"server_create", "sandbox_create", "guest_boot", "image_save", "server_power", "server_edit", "server_delete", "password"}, each+",") + each,
		}
	case p.build:
		return []string{
			"--guests", "--guest-shared-addresses", fmt.Sprint("--guest-ssh-port=", ports.ssh), handDriven,
			"--timing=server_create=1m,sandbox_create=1m,guest_boot=30s,image_save=1m,server_edit=20s,server_delete=20s,password=10s",
		}
	default:
		return moderate()
	}
}

// How an iteration ends.
const (
	soakEndChange  = "change"
	soakEndDestroy = "destroy"
)

// soakDraw holds all random choices of an iteration.
type soakDraw struct {
	// established is true if an undisturbed apply of the first configuration comes
	// before the killed apply of the second. Otherwise first and second are equal.
	established          bool
	first, second, third soakConfig
	changes              []string // names of the changes between the configurations
	kills                []soakKill
	wait                 bool // whether the grid finishes its jobs before the next command
	end                  string
}

func draw(random *rand.Rand, parts soakParts) soakDraw {
	var d soakDraw
	d.first = firstConfig(random, parts)
	d.second = d.first
	if d.established = random.IntN(3) == 0; d.established {
		d.change(random, &d.second)
	}
	d.third = d.second
	d.end = soakEndDestroy
	if random.IntN(2) == 0 {
		d.end = soakEndChange
		d.change(random, &d.third)
	}
	d.kills = append(d.kills, drawKill(random, parts, d.first.servers))
	if d.established {
		d.kills[0] = drawLaterKill(random, "apply")
	}
	switch again := random.IntN(3) == 0; {
	case again && d.end == soakEndChange:
		d.kills = append(d.kills, drawLaterKill(random, "apply"))
	case again && d.established: // if not established, there may be nothing to destroy
		d.kills = append(d.kills, drawLaterKill(random, "destroy"))
	}
	d.wait = random.IntN(3) == 0
	return d
}

// change applies one random change to a configuration.
func (d *soakDraw) change(random *rand.Rand, config *soakConfig) {
	all := config.parts.changes()
	chosen := all[random.IntN(len(all))]
	chosen.make(random, config)
	d.changes = append(d.changes, chosen.name)
}

func (d soakDraw) String() string {
	text := fmt.Sprintf("%s, %d servers", d.first.parts, d.first.servers)
	changes := d.changes
	if d.established {
		text += ", applied, then changed (" + changes[0] + ")"
		changes = changes[1:]
	}
	text += ", " + d.kills[0].String()
	if d.wait {
		text += ", the grid finishes its work"
	}
	if d.end == soakEndChange {
		text += ", change (" + changes[0] + ")"
	}
	if len(d.kills) > 1 {
		text += ", " + d.kills[1].String()
	}
	if d.end == soakEndChange {
		return text + ", apply"
	}
	return text + ", destroy"
}
