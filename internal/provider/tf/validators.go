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
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// TextRule validates a string attribute. Null and unknown values pass. Texts that are
// empty or hold only white space also pass, because NoEmptyTexts reports them.
type TextRule struct {
	Kind  string                  // noun for the value in errors, for example "address"
	Rule  string                  // allowed values; completes "must be "
	Check func(text string) error // returns an error that describes what is wrong with a value
}

// Description implements validator.String.
func (r TextRule) Description(context.Context) string { return "must be " + r.Rule }

// MarkdownDescription implements validator.String.
func (r TextRule) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateString implements validator.String.
func (r TextRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !IsSet(req.ConfigValue) || isBlank(req.ConfigValue.ValueString()) {
		return
	}
	if err := r.Check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+r.Kind, Sentence(err.Error()))
	}
}

// IPv4 accepts an IPv4 address in dotted form. GoGrid has no IPv6 addresses.
func IPv4() TextRule {
	const rule = "an IPv4 address such as 10.110.0.5"
	return TextRule{Kind: "address", Rule: rule, Check: func(text string) error {
		if addr, err := netip.ParseAddr(text); err != nil || !addr.Is4() {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

// CIDRRange accepts an IPv4 range in CIDR notation that begins with the range's
// first address, such as 10.110.0.16/28.
func CIDRRange() TextRule {
	const rule = "an IPv4 range in CIDR notation such as 10.110.0.16/28"
	return TextRule{Kind: "range", Rule: rule, Check: func(text string) error {
		parsed, err := netip.ParsePrefix(text)
		if err != nil || !parsed.Addr().Is4() {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		if parsed != parsed.Masked() {
			return fmt.Errorf("%s does not begin with the first address of its range; the range that contains it is %s", text, parsed.Masked())
		}
		return nil
	}}
}

// HTTPURL accepts an http or https URL, which may contain the placeholders of
// ReadyURL.
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

// AtMost limits the number of characters of a text to most.
func AtMost(most int) TextRule {
	return TextRule{Kind: "length", Rule: fmt.Sprintf("at most %d characters long", most), Check: func(text string) error {
		if length := utf8.RuneCountInString(text); length > most {
			return fmt.Errorf("the text has %d characters, and at most %d are allowed", length, most)
		}
		return nil
	}}
}

// OneOf accepts the listed texts. The error about any other text lists the
// allowed texts, or names the right spelling if the text differs only in case
// or white space.
func OneOf(allowed ...string) TextRule {
	list := `"` + strings.Join(allowed, `", "`) + `"`
	return TextRule{Kind: "value", Rule: "one of " + list, Check: func(text string) error {
		for _, value := range allowed {
			if text == value {
				return nil
			}
		}
		for _, value := range allowed {
			if strings.EqualFold(strings.TrimSpace(text), value) {
				return fmt.Errorf("%q must be written %q", text, value)
			}
		}
		return fmt.Errorf("%q is not allowed; the allowed values are %s", text, list)
	}}
}

// Deployment accepts the name of a deployment.
func Deployment() TextRule {
	const rule = "1 to 60 letters, digits, dots, dashes or underscores, and start with a letter or digit"
	return TextRule{Kind: "deployment", Rule: rule, Check: func(text string) error {
		if !DeploymentName.MatchString(text) {
			return fmt.Errorf("%q is not allowed; a deployment must be %s", text, rule)
		}
		return nil
	}}
}

// IDNumber accepts a GoGrid id, which is a positive number.
func IDNumber() TextRule {
	return TextRule{Kind: "id", Rule: "an id, a number such as 700123", Check: func(text string) error {
		if !IsNumber(text) {
			return fmt.Errorf("%q is not an id: ids are numbers such as 700123", text)
		}
		return nil
	}}
}

// IsNumber reports whether a text consists of decimal digits, as GoGrid's ids do.
func IsNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// PositiveDuration accepts a duration greater than zero, in the format of
// time.ParseDuration.
func PositiveDuration() TextRule {
	return TextRule{Kind: "duration", Rule: `a duration greater than zero, such as "10s"`, Check: func(text string) error {
		_, err := ParseDuration(text)
		return err
	}}
}

// DurationAtLeast accepts a duration that is not shorter than least. rule completes
// "must be ", and tooShort completes the error about a shorter duration.
func DurationAtLeast(least time.Duration, rule, tooShort string) TextRule {
	return TextRule{Kind: "duration", Rule: rule, Check: func(text string) error {
		d, err := ParseDuration(text)
		if err == nil && d < least {
			err = fmt.Errorf("%q %s", text, tooShort)
		}
		return err
	}}
}

// ParseDuration parses a duration in the format of time.ParseDuration. It
// returns an error unless the duration is greater than zero.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration greater than zero; write it with units, such as \"500ms\", \"10s\" or \"1h30m\"", text)
	}
	return d, nil
}

// Default permissions of files whose configuration sets no mode: SecretFileMode
// for secret files, DefaultFileMode for others.
const (
	DefaultFileMode = 0o644
	SecretFileMode  = 0o600
)

// NotBlank accepts a text that passes CheckNotBlank. The parameter "of" is the
// noun for the text in errors.
func NotBlank(of string) TextRule {
	return TextRule{Kind: of, Rule: "more than white space", Check: func(text string) error { return CheckNotBlank(of, text) }}
}

// CheckNotBlank returns an error if a text is empty, holds nothing but white
// space, or holds a zero byte. The parameter "of" is the noun for the text in the
// error.
func CheckNotBlank(of, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("this %s is empty; remove it if you need none", of)
	case strings.ContainsRune(text, 0):
		return fmt.Errorf("this %s holds a zero byte, which no system accepts", of)
	}
	return nil
}

// FileMode accepts file permissions that ParseMode can parse.
func FileMode() TextRule {
	return TextRule{Kind: "mode", Rule: "permissions in octal, such as 0644 or 0755", Check: func(text string) error {
		_, err := ParseMode(text)
		return err
	}}
}

// ParseMode parses file permissions in octal: three or four digits, greater than
// zero and at most 0777.
func ParseMode(text string) (uint32, error) {
	mode, err := strconv.ParseUint(text, 8, 32)
	if err != nil || mode == 0 || mode > 0o777 || len(text) < 3 || len(text) > 4 {
		return 0, fmt.Errorf("%q is not a mode: write permissions in octal, such as \"0644\" or \"0755\"", text)
	}
	return uint32(mode), nil
}

// HostKey accepts a host key, a fingerprint or the text of a known_hosts file.
func HostKey() TextRule {
	return TextRule{Kind: "host key", Rule: "a host key, a fingerprint or the text of a known_hosts file", Check: communicator.CheckHostKey}
}

// PEMCertificates accepts a text with at least one certificate in PEM form.
func PEMCertificates() TextRule {
	return TextRule{Kind: "certificate", Rule: "certificates in PEM form", Check: func(text string) error {
		if !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
			return errors.New("the text holds no certificate in PEM form")
		}
		return nil
	}}
}

// DeploymentName matches valid names of deployments. A name becomes part of the
// ownership tag in an object's description, so brackets and slashes are excluded.
var DeploymentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// ReadyURL replaces the placeholders {public_ip} and {private_ip} of a URL with
// the addresses of a server.
func ReadyURL(url, publicIP, privateIP string) string {
	return strings.NewReplacer("{public_ip}", publicIP, "{private_ip}", privateIP).Replace(url)
}

// StartupName accepts a name that startup scripts and Cloud Storage paths can
// contain. The parameter "of" is the noun for the value in errors.
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
