// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// sessionResources accounts for the objects listed in accounted_for, and for
// the objects of resources that this process has seen.
type sessionResources struct {
	*leftovers.Known
	session *session.Session
}

// Server implements [leftovers.Accounted].
func (r sessionResources) Server(server *client.Server) bool {
	return r.Known.Server(server) || r.session.Known.HasSeen(server.IP.Address)
}

// Image implements [leftovers.Accounted].
func (r sessionResources) Image(image *client.Image) bool {
	return r.Known.Image(image) || r.session.Known.HasSeen(session.ImageKey(tf.IDText(image.ID)))
}

// PrivateAddress implements [leftovers.Accounted].
func (r sessionResources) PrivateAddress(address string) bool {
	return r.Known.PrivateAddress(address) || r.session.Known.HasSeen(address) || r.session.Pool.Holder(address) != ""
}

// hasSeenFinding reports whether this process has seen a resource that manages
// the found object. While the search runs, Terraform may refresh a resource
// whose block was removed from the configuration.
func hasSeenFinding(s *session.Session, found leftovers.Finding) bool {
	return found.Address != "" && s.Known.HasSeen(found.Address) ||
		found.Kind == leftovers.KindImage && s.Known.HasSeen(session.ImageKey(tf.IDText(found.ID)))
}

// accountedFor collects the ids, addresses and names of the objects in value,
// which holds resources, ids, addresses, or lists and maps of them. The error
// names an element of another kind.
func accountedFor(value types.Dynamic) (*leftovers.Known, error) {
	known := &leftovers.Known{}
	if value.IsNull() || value.IsUnderlyingValueNull() {
		return known, nil
	}
	return known, account(known, value.UnderlyingValue())
}

// account adds the objects of one value to known. Null and unknown values add
// nothing.
func account(known *leftovers.Known, value attr.Value) error {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	switch value := value.(type) {
	case types.String:
		return accountText(known, value.ValueString())
	case types.Number:
		return accountText(known, value.ValueBigFloat().Text('f', -1))
	case types.Dynamic:
		return account(known, value.UnderlyingValue())
	case types.Object:
		if accountResource(known, value.Attributes()) {
			return nil
		}
		return accountNamed(known, value.Attributes())
	case types.Map:
		return accountNamed(known, value.Elements())
	case interface{ Elements() []attr.Value }:
		for _, element := range value.Elements() {
			if err := account(known, element); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("%s must be a resource, an id or an address", value)
	}
}

// accountNamed adds the objects of all values to known. An error names the value.
func accountNamed(known *leftovers.Known, values map[string]attr.Value) error {
	for name, value := range values {
		if err := account(known, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// accountText adds an id or an address to known. The id may belong to a server
// or an image, so it is added for both.
func accountText(known *leftovers.Known, text string) error {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
		known.AddServer(id)
		known.AddImage(id)
		return nil
	}
	if _, err := netip.ParseAddr(text); err != nil {
		return fmt.Errorf("%q must be an id or an address", text)
	}
	known.AddAddress(text)
	return nil
}

// accountResource adds the resource with the attributes to known, and reports
// whether they are the attributes of a resource. If a server or image has an
// id, accountResource does not add its public address, because another server
// may have that address now.
func accountResource(known *leftovers.Known, attributes map[string]attr.Value) bool {
	member := func(name string) (text string, present bool) {
		value, present := attributes[name].(types.String)
		return value.ValueString(), present
	}
	id, hasID := member("id")
	number, err := strconv.ParseInt(id, 10, 64)
	numbered := err == nil && number > 0
	public, isServer := member("public_ip")
	address, isAddress := member("address")
	_, isImage := member("friendly_name")
	_, isFile := member("path")
	switch {
	case isServer:
		if numbered {
			known.AddServer(number)
		} else if public != "" {
			known.AddAddress(public)
		}
		accountServerFiles(known, attributes)
	case isImage:
		if numbered {
			known.AddImage(number)
		}
	case isAddress:
		known.AddAddress(address)
	case hasID && numbered:
		known.AddServer(number)
		known.AddImage(number)
	default:
		return isFile
	}
	return true
}

// accountServerFiles adds the private address and the name of a server to
// known, so that the server's lease and pin are accounted for.
func accountServerFiles(known *leftovers.Known, attributes map[string]attr.Value) {
	if private, ok := attributes["private_ip"].(types.String); ok && private.ValueString() != "" {
		known.AddAddress(private.ValueString())
	}
	if name, ok := attributes["name"].(types.String); ok {
		known.AddServerName(name.ValueString())
	}
}
