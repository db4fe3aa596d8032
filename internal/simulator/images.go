// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// saveImage creates an image of a server and starts the save. It sets the
// image's id immediately.
func (c *call) saveImage(s *server, friendlyName, description string) *image {
	g := c.grid
	source, _ := g.images.get(s.Image)
	i := &image{
		ID: takeID(&g.next.Image), Account: c.account.ID, FriendlyName: friendlyName, Description: description,
		OS: source.OS, Architecture: source.Architecture, Type: s.Type, MinRAM: source.MinRAM, Price: source.Price,
		TokenID: source.TokenID, ProductID: source.ProductID, Product: source.Product, State: imageSaving, Created: c.now, Updated: c.now, Datacenters: []int{s.Datacenter},
	}
	i.Name = randomImageName(draw(g.seed, drawImageName, i.ID))
	if g.guests != nil {
		i.DiskOf = s.ID
	}
	i.Location = strconv.FormatInt(c.account.ID, 10) + "/" + i.Name + ".img"
	i.Operation = c.startSave(s, i)
	g.adoptImage(i)
	g.saveImageRecord(i)
	return i
}

// startSave starts the job that saves the image. The server is busy until the job ends, unless the job is refused.
func (c *call) startSave(s *server, i *image) *operation {
	out := c.outcome()
	switch {
	case s.Operation != nil:
		out = objectBusy
	case c.grid.tooLarge(s):
		out = fails
	}
	operation := c.grid.startJob(c.account, work{
		command: commandSave, objectType: objectImage, object: s.Name, objectID: s.ID, owner: c.owner(), datacenter: s.Datacenter,
		duration: c.grid.options.Timings.ImageSave, outcome: out,
		detail: []jobDetail{
			{"type", "server_image"},
			{"name", s.Name},
			{"friendlyName", i.FriendlyName},
			{"description", i.Description},
			{"image", i.Name},
			{"ip", s.PublicIP.String()},
			{"ram", ramByID(s.RAM).name},
		},
	}, c.now)
	operation.Kind = opSave
	if out != objectBusy {
		occupied := *operation
		s.Operation = &occupied
		c.grid.scheduleServer(s)
		c.grid.saveServer(s)
	}
	return operation
}

// moveImage moves an image to the trash or restores it. It starts no job,
// because GoGrid documents no job for these operations.
func (c *call) moveImage(i *image, kind operationKind) {
	g := c.grid
	r := draw(g.seed, drawImageMove, i.ID)
	ends := c.now.add(vary(r, g.options.Timings.ImageTrash, g.options.Jitter))
	i.Operation = &operation{Kind: kind, Starts: c.now, Ends: ends, Fails: c.failJobs}
	g.scheduleImage(i)
	g.saveImageRecord(i)
}

// moving reports whether the image has an unfinished operation of a kind.
func (i *image) moving(kind operationKind) bool {
	return i.Operation != nil && i.Operation.Kind == kind
}

func (g *Grid) adoptImage(i *image) {
	g.images.add(i)
	g.scheduleImage(i)
}

func (g *Grid) scheduleImage(i *image) {
	if i.Operation == nil {
		return
	}
	for _, at := range []moment{i.Operation.Starts, i.Operation.Ends} {
		g.due.add(event{at: at, kind: kindImage, account: i.Account, id: i.ID})
	}
}

func (g *Grid) saveImageRecord(i *image) {
	i.view = nil
	g.store.Put(store.Images, store.IDKey(i.ID), i)
	g.history.saveImage(i, g.at)
}

func (g *Grid) applyToImage(i *image, at moment) {
	if i.Operation != nil && i.Operation.Kind == opSave {
		g.saveDisk(i, at)
	}
	if i.Operation == nil || i.Operation.Ends > at {
		return
	}
	done := i.Operation
	i.Operation = nil
	i.Updated = done.Ends
	switch {
	case done.Kind == opSave && done.Fails:
		i.State = imageDeleted
		g.removeDisk(i)
	case done.Fails:
	case done.Kind == opTrash:
		i.State, i.Active = imageTrash, false
	default:
		i.State, i.Active = imageAvailable, true
	}
	g.saveImageRecord(i)
}

// canUse reports whether an account may use an image. An account may use its
// own images, GoGrid's images, and images that other customers share.
func (a *account) canUse(i *image) bool {
	return i.Account == a.ID || i.Public && i.State == imageAvailable
}

func (g *Grid) imagesOf(a *account) []*image {
	var seen []*image
	for _, i := range g.images.items {
		if a.canUse(i) {
			seen = append(seen, i)
		}
	}
	return seen
}
