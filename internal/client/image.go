// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strconv"
	"strings"
	"time"
)

// Names of image states, from the lookup "image.state".
const (
	ImageSaving    = "Saving"
	ImageAvailable = "Available"
	ImageDeleted   = "Deleted"
	ImageTrash     = "Trash"
	ImageMigrating = "Migrating"
)

// Image is a server image: a base image of GoGrid, an image of a partner, or an
// image that a customer saved (MyGSI).
type Image struct {
	ID int64
	// Name is unique: "centos6.2_64_base" or "GSI-<uuid>".
	Name         string
	FriendlyName string
	Description  string
	OS           Option
	Architecture Option
	Type         Option
	State        Option
	GSIType      Option
	// MinRAM is the smallest RAM option for a server that uses this image.
	MinRAM Option
	// Price is in US dollars per server. The service does not name the period.
	Price    float64
	Location string
	// IsActive is true for an image that is registered and ready to launch.
	IsActive bool
	// IsPublic is true for an image that other customers may use.
	IsPublic bool
	// CreatedTime is zero if the service returns no time, as it does for about
	// one base image in seven.
	CreatedTime   time.Time
	UpdatedTime   time.Time
	Owner         Customer
	BillingTokens []BillingToken
	// Datacenters has one entry for every datacenter that has the image.
	Datacenters []ImageDatacenter
}

// ImageDatacenter is the state of an image in one datacenter.
type ImageDatacenter struct {
	Datacenter  Option
	State       Option
	CreatedTime time.Time
	UpdatedTime time.Time
}

// Customer is the owner of an image. GoGrid itself has the id -1.
type Customer struct {
	ID   int64
	Name string
}

// BillingToken is a charge for each server that uses an image, in addition to
// the charge for its RAM.
type BillingToken struct {
	ID    int64
	Name  string
	Price float64
}

// AvailableIn reports whether servers with this image can be added in a
// datacenter, given by id or name. Older versions of the API do not list the
// datacenters of an image; an available image then counts as available
// everywhere.
func (i *Image) AvailableIn(datacenter string) bool {
	if len(i.Datacenters) == 0 {
		return i.State.Matches(ImageAvailable)
	}
	for _, d := range i.Datacenters {
		if d.Datacenter.Matches(datacenter) {
			return d.State.IsZero() || d.State.Matches(ImageAvailable)
		}
	}
	return false
}

// Matches reports whether idOrName is the id or the (unique) name of this
// image. It ignores the friendly name, which several images may share.
func (i *Image) Matches(idOrName string) bool {
	return idOrName != "" && (strings.EqualFold(i.Name, idOrName) || strconv.FormatInt(i.ID, 10) == idOrName)
}
