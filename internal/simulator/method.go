// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"strings"
)

// method is one call of the API.
type method struct {
	name   string // "grid.server.list"
	roles  []Role
	params []string // besides the common ones; the strict mode refuses others
	run    func(*call) (result, error)
}

func (m *method) path() string { return "/" + strings.ReplaceAll(m.name, ".", "/") }

// reads reports whether the method changes nothing.
func (m *method) reads() bool {
	return m.lists() || strings.HasSuffix(m.name, ".get")
}

// lists reports whether the answer holds all objects that match, rather than selected objects.
func (m *method) lists() bool { return strings.HasSuffix(m.name, ".list") }

// call is one authenticated call while it runs, under the grid's lock.
type call struct {
	grid     *Grid
	account  *account
	key      Key
	params   *params
	now      moment
	failJobs bool // a fault rule makes the jobs of this call fail
}

// newMethods are all methods by their path below /api.
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

// Who may call what, from the wiki's tables; the methods whose pages are lost go by analogy.

func allRoles() []Role { return roles[:] }

func changeRoles() []Role { return []Role{RoleSuper, RoleSystem} }

func billingRoles() []Role { return []Role{RoleSuper, RoleBilling} }
