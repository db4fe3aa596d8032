// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// option is one value of a lookup.
type option struct {
	id          int
	name        string
	description string
	object      *wire.Object
}

func newOption(id int, name string, description any) *option {
	o := &option{id: id, name: name}
	o.description, _ = description.(string)
	o.object = (&wire.Object{Kind: "option", Attributes: []wire.Attribute{
		{Name: "id", Value: int64(id)}, {Name: "name", Value: name}, {Name: "description", Value: description},
	}}).Cached()
	return o
}

// lookup is a list of options. common.lookup.list shows it, and parameters select options from it.
type lookup struct {
	*option
	options []*option
}

// find returns the option whose id or name is text, or nil if there is none. It
// compares names without case, as the service did.
func (l *lookup) find(text string) *option {
	id, err := strconv.Atoi(text)
	for _, o := range l.options {
		if err == nil && o.id == id || strings.EqualFold(o.name, text) {
			return o
		}
	}
	return nil
}

func (l *lookup) byID(id int) *option {
	for _, o := range l.options {
		if o.id == id {
			return o
		}
	}
	return nil
}

// allowed returns the names of all options, for an error message.
func (l *lookup) allowed() string {
	names := make([]string, len(l.options))
	for i, o := range l.options {
		names[i] = o.name
	}
	return strings.Join(names, ", ")
}

// catalog holds all lookups, and the options that no lookup contains.
type catalog struct {
	all []*lookup

	serverType, serverRAM, serverState, os             *lookup
	ipType, ipState                                    *lookup
	imageState, architecture, gsiType                  *lookup
	balancerType, persistence, balancerState, balancer *lookup
	jobState, jobCommand, jobObject                    *lookup
	datacenter                                         *lookup

	pendingState *option // Off without a description: the state of a server that is being provisioned
	sandboxRAM   *option
}

func newCatalog() *catalog {
	c := &catalog{
		pendingState: newOption(stateOff, "Off", wire.Null{}),
		sandboxRAM:   newOption(sandboxRAM, "2GB", "SandBox Server with 2GB RAM"),
	}
	c.fill()
	return c
}

func (c *catalog) fill() {
	c.balancerType = c.add(1, "loadbalancer.type", "Load Balancer Types", balancerTypes())
	c.persistence = c.add(2, "loadbalancer.persistence", "Load Balancer Persistence Types", persistences())
	c.balancerState = c.add(3, "loadbalancer.state", "Load Balancer States", balancerStates())
	c.balancer = c.add(4, "loadbalancer.os", "Load Balancer OS's", balancerSystems())
	c.serverType = c.add(5, "server.type", "Server Types", serverTypes())
	c.serverRAM = c.add(6, "server.ram", "Server Ram", ramSizes())
	c.serverState = c.add(7, "server.state", "Server States", serverStates())
	c.os = c.add(8, "server.os", "Server OS's", operatingSystems())
	c.ipType = c.add(9, "ip.type", "IP Address Types", ipTypes())
	c.ipState = c.add(10, "ip.state", "IP Address States", ipStates())
	c.jobState = c.add(11, "job.state", "Job States", jobStates())
	c.jobCommand = c.add(12, "job.command", "Job Commands", jobCommands())
	c.jobObject = c.add(13, "job.objecttype", "Job Object Types", jobObjects())
	c.imageState = c.add(14, "image.state", "Image States", imageStates())
	c.add(15, "image.type", "Image Types", c.serverType.options)
	c.add(16, "image.os", "Image OS's", c.os.options)
	c.architecture = c.add(17, "image.architecture", "Image OS Architectures", architectures())
	c.datacenter = c.add(18, "datacenter", "Datacenters", datacenters())
	for i, name := range []string{"loadbalancer.datacenter", "server.datacenter", "job.datacenter", "ip.datacenter"} {
		c.add(19+i, name, "Datacenters", c.datacenter.options)
	}
	c.add(23, "image.minram", "Image Ram", c.serverRAM.options)
	c.gsiType = c.add(24, "image.gsitype", "GoGrid Server Image Type", gsiTypes())
}

func (c *catalog) add(id int, name, description string, options []*option) *lookup {
	l := &lookup{option: newOption(id, name, description), options: options}
	c.all = append(c.all, l)
	return l
}

// ram returns the option for a RAM size, which may be the size of sandboxes.
func (c *catalog) ram(id int) *option {
	if id == sandboxRAM {
		return c.sandboxRAM
	}
	return c.serverRAM.byID(id)
}
