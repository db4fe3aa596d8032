// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
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

// Modes of files whose configuration names none, and of secret ones.
const (
	defaultFileMode = 0o644
	secretFileMode  = 0o600
)

// notBlank accepts a text that is more than white space.
func notBlank(of string) textRule {
	return textRule{is: of, rule: "more than white space", check: func(text string) error { return blank(of, text) }}
}

func blank(of, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("this %s is empty; leave it out where there is none", of)
	case strings.ContainsRune(text, 0):
		return fmt.Errorf("this %s holds a zero byte, which no system takes", of)
	}
	return nil
}

// fileMode accepts the permissions of a file in octal.
func fileMode() textRule {
	return textRule{is: "mode", rule: "permissions in octal, such as 0644 or 0755", check: func(text string) error {
		_, err := parseMode(text)
		return err
	}}
}

// parseMode reads permissions in octal, from 1 to 0777.
func parseMode(text string) (uint32, error) {
	mode, err := strconv.ParseUint(text, 8, 32)
	if err != nil || mode == 0 || mode > 0o777 || len(text) < 3 || len(text) > 4 {
		return 0, fmt.Errorf("%q is no mode: write permissions in octal, such as \"0644\" or \"0755\"", text)
	}
	return uint32(mode), nil
}

// hostKey accepts the forms of a host key.
func hostKey() textRule {
	return textRule{is: "host key", rule: "a host key, a fingerprint or the text of a known_hosts file", check: communicator.CheckHostKey}
}

// pemCertificates accepts certificates in PEM form.
func pemCertificates() textRule {
	return textRule{is: "certificate", rule: "certificates in PEM form", check: func(text string) error {
		if !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
			return errors.New("it holds no certificate in PEM form")
		}
		return nil
	}}
}

// deploymentName is what a deployment may be called: it becomes part of a
// description, between brackets and slashes.
var deploymentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// readyURL fills the placeholders of a URL that is written before the
// server's addresses are known.
func readyURL(url, publicIP, privateIP string) string {
	return strings.NewReplacer("{public_ip}", publicIP, "{private_ip}", privateIP).Replace(url)
}

// startupName accepts what the scripts of servers take for a name.
func startupName(of string) textRule {
	return textRule{is: of, rule: "1 to 64 letters, digits, dots, dashes and underscores that begin with a letter or digit", check: func(text string) error {
		err := startup.CheckName(text)
		if err == nil {
			err = storage.CheckPath(text)
		}
		if err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
		return nil
	}}
}
