// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Spec is the desired state of a new server or sandbox; GoGrid treats a sandbox as
// a kind of server. Image, RAM, Type and Datacenter hold an id or a name, as the
// user wrote it.
type Spec struct {
	Sandbox     bool
	Name        string
	Image       string
	RAM         string // empty for a sandbox, whose RAM is fixed
	Type        string // empty: the image's type
	Description string // without the ownership tag
	PublicIP    string // empty: the lowest free address
	PrivateIP   string // empty: no private address
	Datacenter  string // empty: the provider's default datacenter, else the datacenter of PublicIP or of the image
	// Key identifies a machine that the provider creates for its own purposes, such
	// as building an image. It is part of the machine's ownership tag. It is empty
	// for the machine of a resource.
	Key string
	// At is the path of the block that describes the machine. Diagnostics use
	// it as the prefix of their paths. It is empty if the attributes belong to
	// the resource itself.
	At path.Path
}

// PathTo returns the path of an attribute of the machine.
func (m Spec) PathTo(attribute string) path.Path { return m.At.AtName(attribute) }

// Kind returns the noun for the machine: "server" or "sandbox".
func (m Spec) Kind() string {
	if m.Sandbox {
		return "sandbox"
	}
	return "server"
}

// kinds returns the plural of Kind.
func (m Spec) kinds() string {
	if m.Sandbox {
		return "sandboxes"
	}
	return "servers"
}

func (m Spec) String() string { return fmt.Sprintf("%s %q", m.Kind(), m.Name) }

// Operation returns the client.Operation for a wait for the creation of this
// machine.
func (m Spec) Operation() client.Operation {
	if m.Sandbox {
		return client.OperationCreateSandbox
	}
	return client.OperationCreateServer
}

// matches reports whether an existing server equals the server that the spec would
// create: the same name, image, RAM, type, datacenter and addresses. An empty field
// of the spec matches any value.
func (m Spec) matches(server client.Server) bool {
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

// Values that fit returns: how well an existing machine fits a spec.
const (
	fitsNot       = iota // no edit makes the machine equal to the spec
	fitsAfterEdit        // an edit of RAM or type makes the machine equal to the spec
	fitsExactly          // the machine equals the spec
)

// fit returns how well an existing machine fits the spec. GoGrid can change only
// RAM, type and description of a server in place.
func (m Spec) fit(server client.Server) int {
	editable := m
	editable.RAM, editable.Type = "", ""
	switch {
	case m.matches(server):
		return fitsExactly
	case editable.matches(server):
		return fitsAfterEdit
	default:
		return fitsNot
	}
}

// ImageMatches reports whether an image has the given id or name.
func ImageMatches(image client.Image, idOrName string) bool {
	return client.Option{ID: image.ID, Name: image.Name}.Matches(idOrName)
}

// Describe returns a noun phrase for an existing server, for messages.
func Describe(server client.Server) string {
	kind := Spec{Sandbox: server.IsSandbox}.Kind()
	if server.Pending() {
		return fmt.Sprintf("%s %q at %s (being created)", kind, server.Name, server.IP.Address)
	}
	return fmt.Sprintf("%s %q (id %d) at %s", kind, server.Name, server.ID, server.IP.Address)
}

// BuildName returns the name of the sandbox in which an image is built. GoGrid
// limits names to 20 characters.
func BuildName(key string) string { return "build-" + key }
