// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Diagnostics are the errors and warnings of protocol calls.
type Diagnostics []*tfprotov6.Diagnostic

// Errors returns the errors.
func (d Diagnostics) Errors() Diagnostics { return d.of(tfprotov6.DiagnosticSeverityError) }

// Warnings returns the warnings.
func (d Diagnostics) Warnings() Diagnostics { return d.of(tfprotov6.DiagnosticSeverityWarning) }

func (d Diagnostics) of(severity tfprotov6.DiagnosticSeverity) Diagnostics {
	var some Diagnostics
	for _, diagnostic := range d {
		if diagnostic.Severity == severity {
			some = append(some, diagnostic)
		}
	}
	return some
}

// String returns one paragraph for each diagnostic: severity, attribute,
// summary and detail.
func (d Diagnostics) String() string {
	var text strings.Builder
	for _, diagnostic := range d {
		fmt.Fprintf(&text, "%s at %s: %s\n%s\n\n", strings.ToLower(diagnostic.Severity.String()),
			attributePath(diagnostic.Attribute), diagnostic.Summary, diagnostic.Detail)
	}
	return text.String()
}

// attributePath formats a path as in a configuration: ready.tcp_port
// or prepare.files[0].source. It returns "-" if there is no path.
func attributePath(path *tftypes.AttributePath) string {
	if path == nil || len(path.Steps()) == 0 {
		return "-"
	}
	var text strings.Builder
	for _, step := range path.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			text.WriteString("." + string(step))
		case tftypes.ElementKeyString:
			text.WriteString("." + string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&text, "[%d]", step)
		default:
			fmt.Fprintf(&text, "[%v]", step)
		}
	}
	return strings.TrimPrefix(text.String(), ".")
}

// WantNone fails the test if there is an error or a warning.
func (d Diagnostics) WantNone(t *testing.T) {
	t.Helper()
	if len(d) > 0 {
		t.Errorf("unexpected diagnostics:\n%s", d)
	}
}

// WantOK stops the test if there is an error.
func (d Diagnostics) WantOK(t *testing.T) {
	t.Helper()
	if errors := d.Errors(); len(errors) > 0 {
		t.Fatalf("unexpected errors:\n%s", errors)
	}
}

// WantError checks that there is exactly one error. The error must name the
// attribute ("-" for none), and its text must match all patterns.
func (d Diagnostics) WantError(t *testing.T, attribute string, patterns ...string) {
	t.Helper()
	d.Errors().want(t, attribute, patterns)
}

// WantWarning is like WantError, but for a warning.
func (d Diagnostics) WantWarning(t *testing.T, attribute string, patterns ...string) {
	t.Helper()
	d.Warnings().want(t, attribute, patterns)
}

func (d Diagnostics) want(t *testing.T, attribute string, patterns []string) {
	t.Helper()
	if len(d) != 1 {
		t.Fatalf("there are %d diagnostics, want one at %s with %q:\n%s", len(d), attribute, patterns, d)
	}
	if got := attributePath(d[0].Attribute); got != attribute {
		t.Errorf("the diagnostic is at %s, want %s:\n%s", got, attribute, d)
	}
	text := d[0].Summary + "\n" + d[0].Detail
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("the diagnostic does not match %q:\n%s", pattern, d)
		}
	}
}
