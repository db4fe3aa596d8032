// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Spec is what a server on the grid is made from. Servers and
// sandboxes are both servers to GoGrid; what differs is said by Sandbox.
// Options are given by id or name, as the user wrote them.
type Spec struct {
	Sandbox     bool
	Name        string
	Image       string
	RAM         string // empty for a sandbox: its RAM is fixed
	Type        string // empty: as the image decides
	Description string // without mark
	PublicIP    string // empty: the lowest free one
	PrivateIP   string // empty: none
	Datacenter  string // empty: the provider's, else the address's
	// Key tells machines apart that the provider makes for a purpose of its own,
	// such as building an image; it is part of their mark. Empty: the machine is
	// a resource.
	Key string
	// At is the block that the machine is asked for in; empty: the resource
	// itself. What is wrong with an attribute is said there.
	At path.Path
}

// PathTo is where an attribute of the machine is written.
func (m Spec) PathTo(attribute string) path.Path { return m.At.AtName(attribute) }

// Kind is the user's word for the machine.
func (m Spec) Kind() string {
	if m.Sandbox {
		return "sandbox"
	}
	return "server"
}

func (m Spec) String() string { return fmt.Sprintf("%s %q", m.Kind(), m.Name) }

// Operation is what making this machine is to the waits.
func (m Spec) Operation() client.Operation {
	if m.Sandbox {
		return client.OperationCreateSandbox
	}
	return client.OperationCreateServer
}

// made tells whether an existing server is what this spec would make: the
// same name, image, RAM, type, datacenter and given addresses. Anything that
// the spec leaves open matches.
func (m Spec) made(server client.Server) bool {
	switch {
	case server.Name != m.Name, server.IsSandbox != m.Sandbox:
		return false
	case !ImageMatches(server.Image, m.Image):
		return false
	case m.RAM != "" && !server.RAM.Matches(m.RAM):
		return false
	case m.Type != "" && !server.Type.Matches(m.Type):
		return false
	case m.Datacenter != "" && !server.Datacenter.Matches(m.Datacenter):
		return false
	case m.PublicIP != "" && server.IP.Address != m.PublicIP:
		return false
	case m.PrivateIP != "" && (server.PrivateIP == nil || server.PrivateIP.Address != m.PrivateIP):
		return false
	}
	return true
}

// How well an existing machine fits a spec.
const (
	fitsNot   = iota // it cannot become what the spec asks for
	fitsAfter        // an edit of its RAM or type makes it so
	fitsWell         // it equals what the spec would create
)

// fit compares an existing machine with the spec. GoGrid changes RAM, type and
// description of a server in place, and nothing else.
func (m Spec) fit(server client.Server) int {
	editable := m
	editable.RAM, editable.Type = "", ""
	switch {
	case m.made(server):
		return fitsWell
	case editable.made(server):
		return fitsAfter
	default:
		return fitsNot
	}
}

// ImageMatches tells whether a reference, an id or a name, means an image.
func ImageMatches(image client.Image, idOrName string) bool {
	return client.Option{ID: image.ID, Name: image.Name}.Matches(idOrName)
}

// Describe names an existing server for a message.
func Describe(server client.Server) string {
	kind := Spec{Sandbox: server.IsSandbox}.Kind()
	if server.Pending() {
		return fmt.Sprintf("%s %q at %s (being created)", kind, server.Name, server.IP.Address)
	}
	return fmt.Sprintf("%s %q (id %d) at %s", kind, server.Name, server.ID, server.IP.Address)
}

// BuildName is the name of the sandbox that an image is built in. GoGrid
// allows 20 characters.
func BuildName(key string) string { return "build-" + key }
