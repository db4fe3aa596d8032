// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// textRule is a validator of a text: what it must be, and a check that says
// what is wrong with one that is not.
type textRule struct {
	is    string // what the text is to be, for example "address"
	rule  string // completes "must be "
	check func(text string) error
}

func (r textRule) Description(context.Context) string { return "must be " + r.rule }

func (r textRule) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (r textRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	if err := r.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+r.is, sentence(err.Error()))
	}
}

// ipv4 accepts an IPv4 address in dotted form: GoGrid has no other.
func ipv4() textRule {
	const rule = "an IPv4 address such as 10.110.0.5"
	return textRule{is: "address", rule: rule, check: func(text string) error {
		if addr, err := netip.ParseAddr(text); err != nil || !addr.Is4() {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

// cidrRange accepts a range in CIDR notation, written with its first address.
func cidrRange() textRule {
	const rule = "an IPv4 range in CIDR notation such as 10.110.0.16/28"
	return textRule{is: "range", rule: rule, check: func(text string) error {
		parsed, err := netip.ParsePrefix(text)
		if err != nil || !parsed.Addr().Is4() {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		if parsed != parsed.Masked() {
			return fmt.Errorf("%s has bits set beyond its length; the range that contains it is %s", text, parsed.Masked())
		}
		return nil
	}}
}

// httpURL accepts an http or https URL, with the placeholders of readyURL.
func httpURL() textRule {
	const rule = "an http or https URL such as http://{public_ip}:8080/health"
	return textRule{is: "URL", rule: rule, check: func(text string) error {
		parsed, err := url.Parse(readyURL(text, "192.0.2.1", "192.0.2.2"))
		if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || strings.ContainsAny(parsed.Host, "{}") {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

// idNumber accepts an id as GoGrid gives them: a positive number.
func idNumber() textRule {
	return textRule{is: "id", rule: "an id, a number such as 700123", check: func(text string) error {
		if !digits(text) {
			return fmt.Errorf("%q is no id: ids are numbers such as 700123", text)
		}
		return nil
	}}
}

// digits tells whether a text is a positive number as ids are.
func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// positiveDuration accepts what time.ParseDuration does, greater than zero.
func positiveDuration() textRule {
	return textRule{is: "duration", rule: `a duration greater than zero, such as "10s"`, check: func(text string) error {
		_, err := parsePositive(text)
		return err
	}}
}

// parsePositive parses a duration greater than zero.
func parsePositive(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration greater than zero; write it with units, such as \"500ms\", \"10s\" or \"1h30m\"", text)
	}
	return d, nil
}
