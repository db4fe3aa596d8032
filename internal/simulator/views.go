// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

// Views convert stored objects to the objects in responses. Attributes are in the order of the XML samples in mdavid's gogridapisdk
// (version 1.0), followed by attributes of later versions. CSV responses had the same order: a client of 2009 read the name of a
// server's state from column 20.

const latestVersion = 9

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

// serverView is the server as lists and gets show it. It is kept until the server or its image changes.
func (g *Grid) serverView(s *server, now moment) *object {
	i, _ := g.images.get(s.Image)
	if image := g.imageView(i); s.view == nil || s.viewImage != image {
		s.view, s.viewImage = g.makeServerView(s, g.serverState(s, now)), image
	}
	return s.view
}

func (g *Grid) makeServerView(s *server, state *option) *object {
	a, c := g.accounts[s.Account], g.catalog
	i, _ := g.images.get(s.Image)
	var id, cores, disk any = s.ID, decimal(ramByID(s.RAM).cores), int64(s.DiskMB)
	if s.pending() {
		id, cores, disk = absent{}, absent{}, absent{}
	}
	attributes := []attribute{
		{name: "id", value: id},
		{name: "name", value: s.Name},
		{name: "description", value: text(s.Description)},
		{name: "ip", value: g.ipView(a, s.PublicIP)},
		{name: "ram", value: c.ram(s.RAM).object},
		{name: "image", value: i.brief(), until: 1},
		{name: "image", value: g.imageView(i), since: 1},
		{name: "state", value: state.object},
		{name: "type", value: c.serverType.byID(s.Type).object},
		{name: "os", value: c.os.byID(i.OS).object},
		{name: "isSandbox", value: s.Sandbox, since: 2},
		{name: "datacenter", value: c.datacenter.byID(s.Datacenter).object, since: 5},
		{name: "cores", value: cores, since: 8},
		{name: "diskSize", value: disk, since: 8},
	}
	if s.PrivateIP != 0 {
		attributes = append(attributes, attribute{name: "privateip", value: g.ipView(a, s.PrivateIP), since: 9})
	}
	return (&object{kind: "server", attributes: attributes}).memoised()
}

func (g *Grid) ipView(a *account, ip address) *object {
	b, state := a.blockOf(ip), a.ipState(ip)
	return &object{kind: "ip", attributes: []attribute{
		{name: "id", value: b.id(ip)},
		{name: "ip", value: ip.String()},
		{name: "subnet", value: b.subnet()},
		{name: "public", value: b.Public},
		{name: "state", value: g.catalog.ipState.byID(state).object, since: 1},
		{name: "datacenter", value: g.catalog.datacenter.byID(b.Datacenter).object, since: 5},
	}}
}

func (g *Grid) imageView(i *image) *object {
	if i.view == nil {
		i.view = g.makeImageView(i)
	}
	return i.view
}

func (g *Grid) makeImageView(i *image) *object {
	c := g.catalog
	os, state := c.os.byID(i.OS), c.imageState.byID(i.State).object
	return (&object{kind: "serverimage", attributes: []attribute{
		{name: "id", value: i.ID},
		{name: "name", value: i.Name},
		{name: "friendlyName", value: i.FriendlyName},
		{name: "description", value: i.shownDescription()},
		{name: "location", value: i.Location},
		{name: "isActive", value: i.Active},
		{name: "isPublic", value: i.Public},
		{name: "createdTime", value: timeOf(i.Created)},
		{name: "updatedTime", value: timeOf(i.Updated)},
		{name: "os", value: os.object, since: 1},
		{name: "architecture", value: c.architecture.byID(i.Architecture).object, since: 1},
		{name: "type", value: c.serverType.byID(i.Type).object, since: 1},
		{name: "state", value: state, since: 1},
		{name: "price", value: number(i.Price), since: 1},
		{name: "owner", value: g.ownerView(i), since: 2},
		{name: "billingtokens", value: i.tokens(os.name), since: 1},
		{name: "gsitype", value: c.gsiType.byID(i.gsiType()).object, since: 8},
		{name: "minram", value: c.ram(i.MinRAM).object, since: 8},
		{name: "datacenterlist", value: g.placesView(i, state), since: 9},
	}}).memoised()
}

// brief returns the image inside a server at version 1.0: the XML samples show all attributes of the image there, but values of
// only three.
func (i *image) brief() *object {
	brief := &object{kind: "serverimage"}
	for _, name := range []string{"id", "name", "friendlyName", "description", "location", "isActive", "isPublic", "createdTime", "updatedTime"} {
		brief.attributes = append(brief.attributes, attribute{name: name, value: absent{}})
	}
	brief.attributes[0].value, brief.attributes[1].value, brief.attributes[3].value = i.ID, i.Name, i.shownDescription()
	return brief
}

// tokens returns the billing tokens of the image: the operating system, then the product, if there is one. 41 of 173 recorded
// images had two tokens, and the price of the image was their sum.
func (i *image) tokens(system string) []*object {
	token := func(id int, name string, price float64) *object {
		return &object{kind: "billingtoken", attributes: []attribute{
			{name: "id", value: int64(id)}, {name: "name", value: name}, {name: "price", value: number(price)},
		}}
	}
	if i.ProductID == 0 {
		return []*object{token(i.TokenID, system, i.Price)}
	}
	return []*object{token(i.TokenID, system, 0), token(i.ProductID, i.Product, i.Price)}
}

// shownDescription is absent if the image has no description. Three of 173 recorded images had an empty one.
func (i *image) shownDescription() any {
	if i.BlankDescription && i.Description == "" {
		return ""
	}
	return text(i.Description)
}

// timeOf is absent for a time that the service did not record. 22 of GoGrid's own images had no createdTime, nor did their
// datacenters' entries.
func timeOf(at moment) any {
	if at == 0 {
		return absent{}
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

func (g *Grid) ownerView(i *image) *object {
	owner := i.Owner
	if a := g.accounts[i.Account]; a != nil {
		owner = customer{ID: a.ID, Name: a.name()}
	}
	return &object{kind: "customer", attributes: []attribute{{name: "id", value: owner.ID}, {name: "name", value: owner.Name}}}
}

func (g *Grid) placesView(i *image, state *object) []*object {
	places := make([]*object, len(i.Datacenters))
	for n, id := range i.Datacenters {
		places[n] = &object{kind: "image_datacenter_state", attributes: []attribute{
			{name: "datacenter", value: g.catalog.datacenter.byID(id).object},
			{name: "state", value: state},
			{name: "createdTime", value: timeOf(i.Created)},
			{name: "updatedTime", value: timeOf(i.Updated)},
		}}
	}
	return places
}
