// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// Forecast holds values of a new machine that are known before the machine exists. A
// nil field means that the value is unknown.
type Forecast struct {
	// Image is the image that the machine is created from.
	Image *client.Image
	// Datacenter is the datacenter that the configuration determines. It is nil if the
	// create derives the datacenter from the image.
	Datacenter *client.Option
	// PublicIP is the configured public address.
	PublicIP *client.IP
}

// ForecastNew returns the forecast of a machine that the plan creates. unknown names
// the attributes that are not known yet; they are empty in spec. ForecastNew reads
// only lists that [CheckNew] has already read. A value whose lookup fails is nil,
// because CheckNew reports the error.
//
// Terraform computes the forecast again during the apply, so the forecast must not
// depend on which addresses are free.
func ForecastNew(ctx context.Context, s *session.Session, spec Spec, unknown Attributes) Forecast {
	var known Forecast
	if s.Destroys {
		return known
	}
	if !unknown.Has("image") {
		if image, err := s.Client.Snapshot.Image(ctx, spec.Image); err == nil {
			known.Image = image
		}
	}
	if unknown.Has("public_ip") || unknown.Has("datacenter") {
		return known
	}
	if spec.PublicIP != "" {
		if ip, err := s.Client.Snapshot.IPAt(ctx, spec.PublicIP); err == nil && ip != nil {
			known.PublicIP, known.Datacenter = ip, &ip.Datacenter
		}
		return known
	}
	known.Datacenter = datacenterOption(ctx, s, datacenterFor(s, spec, nil))
	return known
}

// datacenterOption returns the datacenter with the wanted id or name. It returns nil
// if the account has no addresses there, or if the list of addresses cannot be read.
func datacenterOption(ctx context.Context, s *session.Session, wanted string) *client.Option {
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil || wanted == "" {
		return nil
	}
	for i := range ips {
		if ips[i].Datacenter.Matches(wanted) {
			return &ips[i].Datacenter
		}
	}
	return nil
}
