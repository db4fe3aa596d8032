// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

func passwordMethods() []method {
	return []method{
		{"support.password.list", changeRoles(), []string{"num_items", "page", "datacenter"}, listPasswords},
		{"support.password.get", changeRoles(), []string{"id", "password"}, getPassword},
		{"support.grid.password.get", changeRoles(), []string{"id"}, getServerPassword},
	}
}

// password is an entry of the list of passwords. server is nil for the account's Cloud Storage.
type password struct {
	id     int64
	server *server
}

func (p password) shownID() int64 { return p.id }
func (p password) title() string  { return "" }

func (c *call) passwords() []password {
	all := []password{{id: c.account.StorageID}}
	for _, s := range c.account.servers.items {
		if s.passwordShown(c.now) {
			all = append(all, password{s.PasswordID, s})
		}
	}
	return all
}

func (c *call) passwordView(p password) *wire.Object {
	if p.server == nil {
		return c.account.storageView()
	}
	return c.grid.passwordView(p.server, c.now)
}

func listPasswords(c *call) (result, error) {
	datacenters := c.params.options(c.grid.catalog.datacenter, "datacenter")
	found := filter(c.passwords(), func(p password) bool {
		return len(datacenters) == 0 || p.server != nil && matchesAny(p.server.Datacenter, datacenters)
	})
	return paged(c.params, 0, found, c.passwordView)
}

// getPassword selects a password by its id. The parameters id and password both
// accept the id.
func getPassword(c *call) (result, error) {
	p, err := selectOne(c.params, "password", false, c.passwords())
	if err != nil {
		return result{}, err
	}
	return one(c.passwordView(p)), nil
}

// getServerPassword selects a password by the id of its server. jclouds is the only known client that called this method.
func getServerPassword(c *call) (result, error) {
	s, err := selectOne(c.params, "id", false, c.provisioned())
	if err != nil {
		return result{}, err
	}
	all := c.passwords()
	i := slices.IndexFunc(all, func(p password) bool { return p.server == s })
	if i < 0 {
		return result{}, noSuchObject()
	}
	return one(c.passwordView(all[i])), nil
}
