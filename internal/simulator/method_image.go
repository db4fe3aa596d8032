// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
)

func imageMethods() []method {
	selectors := []string{"id", "name", "image"}
	return []method{
		{
			"grid.image.list", allRoles(),
			[]string{"num_items", "page", "isPublic", "type", "image.type", "state", "image.state", "datacenter"},
			listImages,
		},
		{"grid.image.get", allRoles(), selectors, getImages},
		{"grid.image.save", changeRoles(), []string{"friendlyName", "server", "description"}, saveImage},
		{"grid.image.edit", changeRoles(), append(slices.Clone(selectors), "friendlyName", "description", "isPublic"), editImage},
		{"grid.image.delete", changeRoles(), selectors, deleteImage},
		{"grid.image.restore", changeRoles(), selectors, restoreImage},
	}
}

func listImages(c *call) (result, error) {
	p, lookups := c.params, c.grid.catalog
	public, byPublic := p.boolean("isPublic")
	kind := p.option(lookups.serverType, "type", "image.type")
	state := p.option(lookups.imageState, "state", "image.state")
	datacenters := p.options(lookups.datacenter, "datacenter")
	found := filter(c.grid.imagesOf(c.account), func(i *image) bool {
		return i.State != imageDeleted && (!byPublic || i.Public == public) && matchesOption(i.Type, kind) && matchesOption(i.State, state) &&
			(len(datacenters) == 0 || slices.ContainsFunc(i.Datacenters, func(id int) bool { return matchesAny(id, datacenters) }))
	})
	return paged(p, 0, found, c.grid.imageView)
}

func getImages(c *call) (result, error) {
	found, err := selectMany(c.params, "image", true, c.grid.imagesOf(c.account))
	if err != nil {
		return result{}, err
	}
	return whole(views(found, c.grid.imageView)), nil
}

func saveImage(c *call) (result, error) {
	name := c.params.required("friendlyName")
	source := c.params.required("server")
	description, _ := c.params.description()
	if c.params.err != nil {
		return result{}, c.params.err
	}
	found := match(selector{byID: true, byName: true}, source, c.provisioned())
	switch {
	case len(found) == 0:
		return result{}, noSuchObject()
	case len(found) > 1:
		return result{}, invalid("Parameter 'server' is '%s', which is the name of %d servers: select one by its id.", source, len(found))
	}
	s := found[0]
	if c.grid.options.Era == EraSandbox && !s.Sandbox {
		return result{}, invalid("Server '%s' is not an image sandbox: only a server added with isSandbox=true can be saved.", s.Name)
	}
	if s.Operation != nil && c.grid.options.RefuseBusy {
		return result{}, invalid("%s: server '%s' is busy with %s.", noteBusy, s.Name, s.Operation.Kind)
	}
	return one(c.grid.imageView(c.saveImage(s, name, description))), nil
}

// ownImage selects an image to change. For an image of another account it
// returns the error code that jclouds' live test expects.
func (c *call) ownImage() (*image, error) {
	i, err := selectOne(c.params, "image", true, c.grid.imagesOf(c.account))
	if err != nil {
		return nil, err
	}
	if i.Account != c.account.ID {
		return nil, &apiError{http.StatusBadRequest, codeNotOwned, "Image '" + i.Name + "' does not belong to your account."}
	}
	return i, nil
}

// editImage changes an image immediately, because GoGrid documents no job for
// this method.
func editImage(c *call) (result, error) {
	i, err := c.ownImage()
	if err != nil {
		return result{}, err
	}
	name, named := c.params.text("friendlyName")
	if named && name == "" {
		c.params.fail("Parameter 'friendlyName' is empty.")
	}
	description, described := c.params.description()
	public, published := c.params.boolean("isPublic")
	if c.params.err != nil {
		return result{}, c.params.err
	}
	if named {
		i.FriendlyName = name
	}
	if described {
		i.Description = description
	}
	if published {
		i.Public = public
	}
	i.Updated = c.now
	c.grid.saveImageRecord(i)
	return one(c.grid.imageView(i)), nil
}

func deleteImage(c *call) (result, error) {
	i, err := c.ownImage()
	if err != nil {
		return result{}, err
	}
	before := c.grid.imageView(i)
	switch {
	case i.State == imageAvailable || i.moving(opRestore):
		c.moveImage(i, opTrash)
	case i.State == imageSaving:
		return result{}, invalid("Image '%s' is being saved: it can be deleted when its state is Available.", i.Name)
	}
	return one(before), nil
}

func restoreImage(c *call) (result, error) {
	i, err := c.ownImage()
	if err != nil {
		return result{}, err
	}
	if i.State != imageTrash && !i.moving(opTrash) {
		return result{}, invalid("Image '%s' is not in the trash.", i.Name)
	}
	before := c.grid.imageView(i)
	c.moveImage(i, opRestore)
	return one(before), nil
}
