// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TrimSpace returns a text without the white space around it, with a warning if there
// was any. It is for texts that never begin or end with white space, such as keys,
// URLs and names. source names the attribute or environment variable.
func TrimSpace(at path.Path, source, text string) (string, diag.Diagnostics) {
	return trimmed(at, source, text, strings.TrimSpace(text), "white space at its beginning or end")
}

// TrimNewlines returns a password without the newlines at its end, with a warning if
// there were any. Other white space may be part of the password.
func TrimNewlines(at path.Path, source, text string) (string, diag.Diagnostics) {
	return trimmed(at, source, text, strings.TrimRight(text, "\r\n"), "a newline at its end")
}

// TrimPassword applies TrimNewlines to an attribute. Null and unknown values stay.
func TrimPassword(at path.Path, password *types.String) diag.Diagnostics {
	return trimValue(at, password, TrimNewlines)
}

// TrimName applies TrimSpace to an attribute. Null and unknown values stay.
func TrimName(at path.Path, name *types.String) diag.Diagnostics {
	return trimValue(at, name, TrimSpace)
}

func trimValue(at path.Path, value *types.String, trim func(path.Path, string, string) (string, diag.Diagnostics)) diag.Diagnostics {
	if !IsSet(*value) {
		return nil
	}
	last, _ := at.Steps().LastStep()
	text, diags := trim(at, fmt.Sprint(last), value.ValueString())
	*value = types.StringValue(text)
	return diags
}

// trimmed returns the text kept, with a warning if it differs from the text given.
// The warning never quotes the text, which may be a secret.
func trimmed(at path.Path, source, given, kept, removed string) (string, diag.Diagnostics) {
	if given == kept {
		return kept, nil
	}
	return kept, diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, "White space around "+source,
		fmt.Sprintf("%s has %s, which the provider removed: the function file() keeps the newline at the end of a file. "+
			"Write trimspace(file(...)) to remove it in the configuration.", source, removed))}
}
