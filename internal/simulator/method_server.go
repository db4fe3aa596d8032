// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

func serverMethods() []method {
	return []method{
		{"grid.server.list", allRoles(), []string{"num_items", "page", "server.type", "type", "isSandbox", "datacenter"}, listServers},
		{"grid.server.get", allRoles(), []string{"id", "name", "server"}, getServers},
		{
			"grid.server.add", changeRoles(),
			[]string{"name", "image", "server.ram", "ram", "ip", "description", "isSandbox", "privateip"},
			addServer,
		},
		{
			"grid.server.edit", changeRoles(),
			[]string{"id", "name", "server", "server.ram", "ram", "server.type", "type", "description"},
			editServer,
		},
		{"grid.server.power", changeRoles(), []string{"id", "name", "server", "power"}, powerServer},
		{"grid.server.delete", changeRoles(), []string{"id", "name", "server"}, deleteServer},
	}
}

// ramOption reads the RAM size. Clients of 2009 used the short parameter names without "server.", and clients of 2015 still used
// "ram".
func (c *call) ramOption() *option {
	return c.params.option(c.grid.catalog.serverRAM, "server.ram", "ram")
}

func (c *call) typeOption() *option {
	return c.params.option(c.grid.catalog.serverType, "server.type", "type")
}

func (c *call) serverView(s *server) *wire.Object { return c.grid.serverView(s, c.now) }

func listServers(c *call) (result, error) {
	kind := c.typeOption()
	sandbox, bySandbox := c.params.boolean("isSandbox")
	datacenters := c.params.options(c.grid.catalog.datacenter, "datacenter")
	found := filter(c.account.servers.items, func(s *server) bool {
		return matchesOption(s.Type, kind) && (!bySandbox || s.Sandbox == sandbox) && matchesAny(s.Datacenter, datacenters)
	})
	return paged(c.params, 0, found, c.serverView)
}

// provisioned returns the servers whose id the API shows. Selectors find only
// these servers, even in grid.server.get.
func (c *call) provisioned() []*server {
	return filter(c.account.servers.items, func(s *server) bool { return !s.pending() })
}

func getServers(c *call) (result, error) {
	found, err := selectMany(c.params, "server", true, c.provisioned())
	if err != nil {
		return result{}, err
	}
	return whole(views(found, c.serverView)), nil
}

func (c *call) selectServer() (*server, error) {
	s, err := selectOne(c.params, "server", true, c.provisioned())
	if err == nil && s.Operation != nil && c.grid.options.RefuseBusy {
		return nil, invalid("%s: server '%s' is busy with %s.", noteBusy, s.Name, s.Operation.Kind)
	}
	return s, err
}

func addServer(c *call) (result, error) {
	order, err := c.readServerSpec()
	if err != nil {
		return result{}, err
	}
	return one(c.serverView(c.addServer(order))), nil
}

func (c *call) readServerSpec() (serverSpec, error) {
	o := serverSpec{name: c.params.label("name")}
	imageText := c.params.required("image")
	o.description, _ = c.params.description()
	o.sandbox, _ = c.params.boolean("isSandbox")
	o.ram = c.readRAM(o.sandbox)
	if c.params.err != nil {
		return o, c.params.err
	}
	var err error
	if o.image, err = c.findImage(imageText); err != nil {
		return o, err
	}
	if err := c.checkRAM(o.image, o.ram); err != nil {
		return o, err
	}
	return o, c.readAddresses(&o)
}

// readRAM reads the RAM size of a new server. It ignores the parameter of a
// sandbox, because sandboxes have a fixed size.
func (c *call) readRAM(sandbox bool) int {
	if sandbox {
		return sandboxRAM
	}
	c.params.required("server.ram", "ram")
	if chosen := c.ramOption(); chosen != nil {
		return chosen.id
	}
	return 0
}

func (c *call) findImage(text string) (*image, error) {
	found := match(selector{byID: true, byName: true}, text, c.grid.imagesOf(c.account))
	switch {
	case len(found) == 0:
		return nil, invalid("Parameter 'image' is '%s': there is no such image.", text)
	case found[0].State != imageAvailable:
		state := c.grid.catalog.imageState.byID(found[0].State).name
		return nil, invalid("Image '%s' cannot be used: its state is %s, but it must be Available.", found[0].Name, state)
	}
	return found[0], nil
}

// checkRAM returns an error if a RAM size does not suit an image. 32-bit images
// cannot use 4 GB. All sandboxes have the same RAM size.
func (c *call) checkRAM(i *image, ram int) error {
	size := ramByID(ram)
	least := ramByID(i.MinRAM)
	switch {
	case ram == sandboxRAM:
		return nil
	case size.mb < least.mb:
		return invalid("Parameter 'server.ram' is %s: image '%s' needs at least %s.", size.name, i.Name, least.name)
	case i.Architecture == arch32 && size.mb > 2048:
		return invalid("Parameter 'server.ram' is %s: image '%s' is 32-bit and allows at most 2GB.", size.name, i.Name)
	}
	return nil
}

// readAddresses reads the addresses of a new server. The public address also
// determines the datacenter, because grid.server.add has no parameter for the
// datacenter.
func (c *call) readAddresses(o *serverSpec) error {
	ip, b, err := c.freeAddress("ip", true)
	if err != nil {
		return err
	}
	o.public, o.datacenter = ip, b.Datacenter
	if !slices.Contains(o.image.Datacenters, b.Datacenter) {
		return invalid("Image '%s' is not available in datacenter %s, the datacenter of ip '%s'.",
			o.image.Name, c.grid.catalog.datacenter.byID(b.Datacenter).name, ip)
	}
	if private, given := c.params.text("privateip"); !given || private == "" {
		return c.params.err
	}
	ip, b, err = c.freeAddress("privateip", false)
	if err != nil {
		return err
	}
	if b.Datacenter != o.datacenter {
		return invalid("Parameter 'privateip' is '%s', which is in another datacenter than ip '%s'.", ip, o.public)
	}
	o.private = ip
	return nil
}

func (c *call) freeAddress(name string, public bool) (address, block, error) {
	ip, b, found := c.params.address(c.account, name)
	if c.params.err != nil {
		return 0, block{}, c.params.err
	}
	text, _ := c.params.text(name)
	kind := map[bool]string{true: "public", false: "private"}
	switch {
	case !found:
		return 0, block{}, invalid("Parameter '%s' is '%s': it is not an address of your account.", name, text)
	case b.Public != public:
		return 0, block{}, invalid("Parameter '%s' is '%s': it must be a %s address.", name, text, kind[public])
	case !b.usable(ip):
		return 0, block{}, invalid("Parameter '%s' is '%s': it is the %s of its block.", name, text, b.reserved(ip))
	case c.account.assigned[ip] != "":
		return 0, block{}, invalid("Parameter '%s' is '%s': it is already assigned to %s.", name, text, c.account.assigned[ip])
	}
	return ip, b, nil
}

func editServer(c *call) (result, error) {
	s, err := c.selectServer()
	if err != nil {
		return result{}, err
	}
	to := s.serverValues
	if chosen := c.ramOption(); chosen != nil && chosen.id != s.RAM {
		if s.Sandbox {
			return result{}, invalid("The RAM of image sandbox '%s' is fixed at 2GB.", s.Name)
		}
		to.RAM = chosen.id
	}
	if chosen := c.typeOption(); chosen != nil {
		to.Type = chosen.id
	}
	if description, given := c.params.description(); given {
		to.Description = description
	}
	if c.params.err != nil {
		return result{}, c.params.err
	}
	if i, _ := c.grid.images.get(s.Image); to.RAM != s.RAM {
		if err := c.checkRAM(i, to.RAM); err != nil {
			return result{}, err
		}
	}
	return one(c.editServer(s, to)), nil
}

func powerServer(c *call) (result, error) {
	power := strings.ToLower(c.params.required("power"))
	if c.params.err != nil {
		return result{}, c.params.err
	}
	kind, command, ok := powerCommand(power)
	if !ok {
		return result{}, invalid("Parameter 'power' is '%s': it must be start or on, stop or off, restart or cycle.", power)
	}
	s, err := c.selectServer()
	if err != nil {
		return result{}, err
	}
	before := c.serverView(s)
	alreadyDone := kind == opStart && s.On || kind == opStop && !s.On
	c.command(s, kind, command, c.grid.options.Timings.ServerPower, alreadyDone)
	return one(before), nil
}

func powerCommand(power string) (kind operationKind, command int, ok bool) {
	switch power {
	case "start", "on":
		return opStart, commandStart, true
	case "stop", "off":
		return opStop, commandStop, true
	case "restart", "cycle":
		return opRestart, commandRestart, true
	default:
		return "", 0, false
	}
}

func deleteServer(c *call) (result, error) {
	s, err := c.selectServer()
	if err != nil {
		return result{}, err
	}
	before := c.serverView(s)
	c.command(s, opDelete, commandDelete, c.grid.options.Timings.ServerDelete, false)
	return one(before), nil
}
