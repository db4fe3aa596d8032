// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

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

// TextRule is a validator of a text: what it must be, and a check that says
// what is wrong with one that is not.
type TextRule struct {
	Kind  string // what the text is to be, for example "address"
	Rule  string // completes "must be "
	Check func(text string) error
}

// Description implements validator.String.
func (r TextRule) Description(context.Context) string { return "must be " + r.Rule }

// MarkdownDescription implements validator.String.
func (r TextRule) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateString implements validator.String.
func (r TextRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !IsSet(req.ConfigValue) {
		return
	}
	if err := r.Check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+r.Kind, Sentence(err.Error()))
	}
}

// IPv4 accepts an IPv4 address in dotted form: GoGrid has no other.
func IPv4() TextRule {
	const rule = "an IPv4 address such as 10.110.0.5"
	return TextRule{Kind: "address", Rule: rule, Check: func(text string) error {
		if addr, err := netip.ParseAddr(text); err != nil || !addr.Is4() {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

// CIDRRange accepts a range in CIDR notation, written with its first address.
func CIDRRange() TextRule {
	const rule = "an IPv4 range in CIDR notation such as 10.110.0.16/28"
	return TextRule{Kind: "range", Rule: rule, Check: func(text string) error {
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

// HTTPURL accepts an http or https URL, with the placeholders of ReadyURL.
func HTTPURL() TextRule {
	const rule = "an http or https URL such as http://{public_ip}:8080/health"
	return TextRule{Kind: "URL", Rule: rule, Check: func(text string) error {
		parsed, err := url.Parse(ReadyURL(text, "192.0.2.1", "192.0.2.2"))
		if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || strings.ContainsAny(parsed.Host, "{}") {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

// IDNumber accepts an id as GoGrid gives them: a positive number.
func IDNumber() TextRule {
	return TextRule{Kind: "id", Rule: "an id, a number such as 700123", Check: func(text string) error {
		if !IsNumber(text) {
			return fmt.Errorf("%q is no id: ids are numbers such as 700123", text)
		}
		return nil
	}}
}

// IsNumber tells whether a text is a positive number as ids are.
func IsNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// PositiveDuration accepts what time.ParseDuration does, greater than zero.
func PositiveDuration() TextRule {
	return TextRule{Kind: "duration", Rule: `a duration greater than zero, such as "10s"`, Check: func(text string) error {
		_, err := ParseDuration(text)
		return err
	}}
}

// ParseDuration parses a duration greater than zero.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration greater than zero; write it with units, such as \"500ms\", \"10s\" or \"1h30m\"", text)
	}
	return d, nil
}

// Modes of files whose configuration names none, and of secret ones.
const (
	DefaultFileMode = 0o644
	SecretFileMode  = 0o600
)

// NotBlank accepts a text that is more than white space.
func NotBlank(of string) TextRule {
	return TextRule{Kind: of, Rule: "more than white space", Check: func(text string) error { return CheckNotBlank(of, text) }}
}

// CheckNotBlank returns an error if a text is empty, holds nothing but white space,
// or holds a zero byte. The text is called by the noun "of".
func CheckNotBlank(of, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("this %s is empty; leave it out where there is none", of)
	case strings.ContainsRune(text, 0):
		return fmt.Errorf("this %s holds a zero byte, which no system takes", of)
	}
	return nil
}

// FileMode accepts the permissions of a file in octal.
func FileMode() TextRule {
	return TextRule{Kind: "mode", Rule: "permissions in octal, such as 0644 or 0755", Check: func(text string) error {
		_, err := ParseMode(text)
		return err
	}}
}

// ParseMode reads permissions in octal, from 1 to 0777.
func ParseMode(text string) (uint32, error) {
	mode, err := strconv.ParseUint(text, 8, 32)
	if err != nil || mode == 0 || mode > 0o777 || len(text) < 3 || len(text) > 4 {
		return 0, fmt.Errorf("%q is no mode: write permissions in octal, such as \"0644\" or \"0755\"", text)
	}
	return uint32(mode), nil
}

// HostKey accepts the forms of a host key.
func HostKey() TextRule {
	return TextRule{Kind: "host key", Rule: "a host key, a fingerprint or the text of a known_hosts file", Check: communicator.CheckHostKey}
}

// PEMCertificates accepts certificates in PEM form.
func PEMCertificates() TextRule {
	return TextRule{Kind: "certificate", Rule: "certificates in PEM form", Check: func(text string) error {
		if !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
			return errors.New("it holds no certificate in PEM form")
		}
		return nil
	}}
}

// DeploymentName is what a deployment may be called: it becomes part of a
// description, between brackets and slashes.
var DeploymentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// ReadyURL fills the placeholders of a URL that is written before the
// server's addresses are known.
func ReadyURL(url, publicIP, privateIP string) string {
	return strings.NewReplacer("{public_ip}", publicIP, "{private_ip}", privateIP).Replace(url)
}

// StartupName accepts what the scripts of servers take for a name.
func StartupName(of string) TextRule {
	return TextRule{Kind: of, Rule: "1 to 64 letters, digits, dots, dashes and underscores that begin with a letter or digit", Check: func(text string) error {
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
