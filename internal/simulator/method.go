// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"strings"
)

// method is a method of the API.
type method struct {
	name   string // "grid.server.list"
	roles  []Role
	params []string // besides the common parameters; strict mode refuses other parameters
	run    func(*call) (result, error)
}

func (m *method) path() string { return "/" + strings.ReplaceAll(m.name, ".", "/") }

// reads reports whether the method is read-only.
func (m *method) reads() bool {
	return m.lists() || strings.HasSuffix(m.name, ".get")
}

// lists reports whether the method returns all objects that match its filters,
// instead of selected objects.
func (m *method) lists() bool { return strings.HasSuffix(m.name, ".list") }

// call is an authenticated call while it runs. The grid's mu is held.
type call struct {
	grid     *Grid
	account  *account
	key      Key
	params   *params
	now      moment
	failJobs bool // a fault rule makes the jobs of this call fail
}

// newMethods returns all methods, keyed by their path below /api.
func newMethods() map[string]*method {
	methods := make(map[string]*method)
	for _, family := range [][]method{
		serverMethods(), imageMethods(), ipMethods(), balancerMethods(), jobMethods(), passwordMethods(), accountMethods(),
	} {
		for _, m := range family {
			methods[m.path()] = &m
		}
	}
	return methods
}

func methodNames(methods map[string]*method) []string {
	names := make([]string, 0, len(methods))
	for _, m := range methods {
		names = append(names, m.name)
	}
	slices.Sort(names)
	return names
}

// The functions below return the roles that may call a method. They follow the tables of GoGrid's wiki. Methods whose wiki pages
// are lost have the roles of similar methods.

func allRoles() []Role { return roles[:] }

func changeRoles() []Role { return []Role{RoleSuper, RoleSystem} }

func billingRoles() []Role { return []Role{RoleSuper, RoleBilling} }
