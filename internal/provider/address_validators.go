// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// ipv4 accepts an IPv4 address in dotted form: GoGrid has no other.
type ipv4 struct{}

func (ipv4) Description(context.Context) string { return "must be an IPv4 address such as 10.110.0.5" }

func (v ipv4) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (ipv4) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	if addr, err := netip.ParseAddr(text); err != nil || !addr.Is4() {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid address", fmt.Sprintf("%q is not an IPv4 address such as 10.110.0.5.", text))
	}
}

// prefix accepts a range in CIDR notation, written with its first address.
type prefix struct{}

func (prefix) Description(context.Context) string {
	return "must be a range in CIDR notation such as 10.110.0.16/28"
}

func (v prefix) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (prefix) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	parsed, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !parsed.Addr().Is4():
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid range", fmt.Sprintf("%q is not an IPv4 range in CIDR notation such as 10.110.0.16/28.", text))
	case parsed != parsed.Masked():
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid range", fmt.Sprintf("%s has bits set beyond its length; the range that contains it is %s.", text, parsed.Masked()))
	}
}

// httpURL accepts an http or https URL, with the placeholders of readyURL.
type httpURL struct{}

func (httpURL) Description(context.Context) string {
	return "must be an http or https URL such as http://{public_ip}:8080/health"
}

func (v httpURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v httpURL) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	parsed, err := url.Parse(readyURL(text, "192.0.2.1", "192.0.2.2"))
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || strings.ContainsAny(parsed.Host, "{}") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid URL", fmt.Sprintf("%q is not a URL that can be asked: it %s.", text, v.Description(ctx)))
	}
}
