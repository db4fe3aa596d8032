// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestMark(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ description, deployment, key, marked string }{
		{"", "", "", ""},
		{"the shop", "", "", "the shop"},
		{"", "shop", "", "[deployment/shop]"},
		{"the shop", "shop", "", "the shop [deployment/shop]"},
		{"the shop", "shop", "0123456789ab", "the shop [deployment/shop/0123456789ab]"},
		{" spaced ", "shop", "", " spaced  [deployment/shop]"},
		{"a [deployment/blog]", "shop", "", "a [deployment/blog] [deployment/shop]"},
	} {
		marked := markDescription(tc.description, tc.deployment, tc.key)
		if marked != tc.marked {
			t.Errorf("marking %q for %q gives %q, want %q", tc.description, tc.deployment, marked, tc.marked)
		}
		if bare := stripMark(marked); tc.deployment != "" && bare != tc.description {
			t.Errorf("stripping %q gives %q, want %q", marked, bare, tc.description)
		}
		if got := hasMark(marked, tc.deployment, tc.key); got != (tc.deployment != "") {
			t.Errorf("%q has the mark of %q: %t", marked, tc.deployment, got)
		}
		if hasMark(marked, "other", tc.key) || hasMark(marked, tc.deployment, "other") {
			t.Errorf("%q passes for the mark of something else", marked)
		}
	}
}

func TestChangedDescription(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		wanted  types.String
		current string
		send    any
	}{
		{types.StringValue("new"), "old", "new"},
		{types.StringValue("new"), "new", nil},
		{types.StringNull(), "", nil},
		{types.StringNull(), "old", ""},
		{types.StringValue(""), "old [deployment/shop]", "[deployment/shop]"},
		{types.StringValue("new"), "old [deployment/shop]", "new [deployment/shop]"},
		{types.StringValue("new"), "[deployment/shop]", "new [deployment/shop]"},
		{types.StringValue("new"), "new [deployment/shop]", nil},
		{types.StringValue(" new "), "[deployment/shop]", " new  [deployment/shop]"},
		{types.StringValue(" new "), "old", " new "},
	} {
		var got any
		if send := changedDescription(tc.wanted, tc.current); send != nil {
			got = *send
		}
		if got != tc.send {
			t.Errorf("from %q to %s: sends %v, want %v", tc.current, tc.wanted, got, tc.send)
		}
	}
}
