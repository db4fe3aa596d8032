// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"

// Views convert stored objects to the objects in responses. Attributes of
// version 1.0 have the order of the XML samples in mdavid's gogridapisdk;
// attributes of later versions follow. CSV responses had the same order: a
// client of 2009 read the name of a server's state from column 20.

func (g *Grid) serverState(s *server, now moment) *option {
	states := g.catalog.serverState
	steady := stateOff
	if s.On && !s.Operation.halted(now) {
		steady = stateOn
	}
	switch {
	case s.pending():
		return g.catalog.pendingState
	case s.Operation != nil && s.Operation.Kind == opEdit:
		return states.byID(stateUpdating)
	case !s.Operation.running(now):
		return states.byID(steady)
	}
	switch s.Operation.Kind {
	case opStart:
		return states.byID(stateStarting)
	case opStop:
		return states.byID(stateStopping)
	case opRestart:
		return states.byID(stateRestarting)
	case opSave:
		if s.On {
			return states.byID(stateOnSaving)
		}
		return states.byID(stateOffSaving)
	default:
		return states.byID(steady)
	}
}

// serverView returns the view of a server in the responses of list and get
// methods. It caches the view until the server or its image changes.
func (g *Grid) serverView(s *server, now moment) *wire.Object {
	i, _ := g.images.get(s.Image)
	if image := g.imageView(i); s.view == nil || s.viewImage != image {
		s.view, s.viewImage = g.makeServerView(s, g.serverState(s, now)), image
	}
	return s.view
}

func (g *Grid) makeServerView(s *server, state *option) *wire.Object {
	a, c := g.accounts[s.Account], g.catalog
	i, _ := g.images.get(s.Image)
	var id, cores, disk any = s.ID, wire.Decimal(ramByID(s.RAM).cores), int64(s.DiskMB)
	if s.pending() {
		id, cores, disk = wire.Absent{}, wire.Absent{}, wire.Absent{}
	}
	attributes := []wire.Attribute{
		{Name: "id", Value: id},
		{Name: "name", Value: s.Name},
		{Name: "description", Value: wire.Text(s.Description)},
		{Name: "ip", Value: g.ipView(a, s.PublicIP)},
		{Name: "ram", Value: c.ram(s.RAM).object},
		{Name: "image", Value: i.brief(), Until: 1},
		{Name: "image", Value: g.imageView(i), Since: 1},
		{Name: "state", Value: state.object},
		{Name: "type", Value: c.serverType.byID(s.Type).object},
		{Name: "os", Value: c.os.byID(i.OS).object},
		{Name: "isSandbox", Value: s.Sandbox, Since: 2},
		{Name: "datacenter", Value: c.datacenter.byID(s.Datacenter).object, Since: 5},
		{Name: "cores", Value: cores, Since: 8},
		{Name: "diskSize", Value: disk, Since: 8},
	}
	if s.PrivateIP != 0 {
		attributes = append(attributes, wire.Attribute{Name: "privateip", Value: g.ipView(a, s.PrivateIP), Since: 9})
	}
	return (&wire.Object{Kind: "server", Attributes: attributes}).Cached()
}

func (g *Grid) ipView(a *account, ip address) *wire.Object {
	b, state := a.blockOf(ip), a.ipState(ip)
	return &wire.Object{Kind: "ip", Attributes: []wire.Attribute{
		{Name: "id", Value: b.id(ip)},
		{Name: "ip", Value: ip.String()},
		{Name: "subnet", Value: b.subnet()},
		{Name: "public", Value: b.Public},
		{Name: "state", Value: g.catalog.ipState.byID(state).object, Since: 1},
		{Name: "datacenter", Value: g.catalog.datacenter.byID(b.Datacenter).object, Since: 5},
	}}
}

func (g *Grid) imageView(i *image) *wire.Object {
	if i.view == nil {
		i.view = g.makeImageView(i)
	}
	return i.view
}

func (g *Grid) makeImageView(i *image) *wire.Object {
	c := g.catalog
	os, state := c.os.byID(i.OS), c.imageState.byID(i.State).object
	return (&wire.Object{Kind: "serverimage", Attributes: []wire.Attribute{
		{Name: "id", Value: i.ID},
		{Name: "name", Value: i.Name},
		{Name: "friendlyName", Value: i.FriendlyName},
		{Name: "description", Value: i.shownDescription()},
		{Name: "location", Value: i.Location},
		{Name: "isActive", Value: i.Active},
		{Name: "isPublic", Value: i.Public},
		{Name: "createdTime", Value: timeOf(i.Created)},
		{Name: "updatedTime", Value: timeOf(i.Updated)},
		{Name: "os", Value: os.object, Since: 1},
		{Name: "architecture", Value: c.architecture.byID(i.Architecture).object, Since: 1},
		{Name: "type", Value: c.serverType.byID(i.Type).object, Since: 1},
		{Name: "state", Value: state, Since: 1},
		{Name: "price", Value: wire.Number(i.Price), Since: 1},
		{Name: "owner", Value: g.ownerView(i), Since: 2},
		{Name: "billingtokens", Value: i.tokens(os.name), Since: 1},
		{Name: "gsitype", Value: c.gsiType.byID(i.gsiType()).object, Since: 8},
		{Name: "minram", Value: c.ram(i.MinRAM).object, Since: 8},
		{Name: "datacenterlist", Value: g.datacenterStatesView(i, state), Since: 9},
	}}).Cached()
}

// brief returns the view of an image inside a server, for version 1.0. The XML
// samples show all attributes of that image, but only three have values.
func (i *image) brief() *wire.Object {
	brief := &wire.Object{Kind: "serverimage"}
	for _, name := range []string{"id", "name", "friendlyName", "description", "location", "isActive", "isPublic", "createdTime", "updatedTime"} {
		brief.Attributes = append(brief.Attributes, wire.Attribute{Name: name, Value: wire.Absent{}})
	}
	brief.Attributes[0].Value, brief.Attributes[1].Value, brief.Attributes[3].Value = i.ID, i.Name, i.shownDescription()
	return brief
}

// tokens returns the billing tokens of the image: the operating system, then
// the product if there is one. In the recorded list, 41 of 173 images had two
// tokens, and the price of the image was the sum of the prices of both tokens.
func (i *image) tokens(system string) []*wire.Object {
	token := func(id int, name string, price float64) *wire.Object {
		return &wire.Object{Kind: "billingtoken", Attributes: []wire.Attribute{
			{Name: "id", Value: int64(id)}, {Name: "name", Value: name}, {Name: "price", Value: wire.Number(price)},
		}}
	}
	if i.ProductID == 0 {
		return []*wire.Object{token(i.TokenID, system, i.Price)}
	}
	return []*wire.Object{token(i.TokenID, system, 0), token(i.ProductID, i.Product, i.Price)}
}

// shownDescription returns the description, or Absent if the image has none. Three of 173 recorded images had an empty description.
func (i *image) shownDescription() any {
	if i.BlankDescription && i.Description == "" {
		return ""
	}
	return wire.Text(i.Description)
}

// timeOf returns a time, or Absent if the service did not record the time. In
// the recorded list, 22 of GoGrid's own images had no createdTime. The entries
// of their datacenters had none either.
func timeOf(at moment) any {
	if at == 0 {
		return wire.Absent{}
	}
	return int64(at)
}

func (i *image) gsiType() int {
	switch {
	case i.GSIType != 0:
		return i.GSIType
	case i.Public:
		return gsiCommunity
	default:
		return gsiMine
	}
}

func (g *Grid) ownerView(i *image) *wire.Object {
	owner := i.Owner
	if a := g.accounts[i.Account]; a != nil {
		owner = customer{ID: a.ID, Name: a.name()}
	}
	return &wire.Object{Kind: "customer", Attributes: []wire.Attribute{{Name: "id", Value: owner.ID}, {Name: "name", Value: owner.Name}}}
}

func (g *Grid) datacenterStatesView(i *image, state *wire.Object) []*wire.Object {
	views := make([]*wire.Object, len(i.Datacenters))
	for n, id := range i.Datacenters {
		views[n] = &wire.Object{Kind: "image_datacenter_state", Attributes: []wire.Attribute{
			{Name: "datacenter", Value: g.catalog.datacenter.byID(id).object},
			{Name: "state", Value: state},
			{Name: "createdTime", Value: timeOf(i.Created)},
			{Name: "updatedTime", Value: timeOf(i.Updated)},
		}}
	}
	return views
}
