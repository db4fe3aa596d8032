// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package ownership_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
)

func TestTag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ description, deployment, key, tagged string }{
		{"", "", "", ""},
		{"the shop", "", "", "the shop"},
		{"", "shop", "", "[deployment/shop]"},
		{"the shop", "shop", "", "the shop [deployment/shop]"},
		{"the shop", "shop", "0123456789ab", "the shop [deployment/shop/0123456789ab]"},
		{"the shop", "shop", "0123456789ab/prepare", "the shop [deployment/shop/0123456789ab/prepare]"},
		{" spaced ", "shop", "", " spaced  [deployment/shop]"},
		{"a [deployment/blog]", "shop", "", "a [deployment/blog] [deployment/shop]"},
	} {
		tag := ownership.Tag{Deployment: tc.deployment, Key: tc.key}
		tagged := tag.Describe(tc.description)
		if tagged != tc.tagged {
			t.Errorf("tag %q for %q: got %q, want %q", tc.description, tc.deployment, tagged, tc.tagged)
		}
		if bare := ownership.Strip(tagged); tc.deployment != "" && bare != tc.description {
			t.Errorf("strip %q: got %q, want %q", tagged, bare, tc.description)
		}
		if got := ownership.Of(tagged); got != tag {
			t.Errorf("%q: got the tag %+v, want %+v", tagged, got, tag)
		}
		if got := tag.On(tagged); got != (tc.deployment != "") {
			t.Errorf("On(%q) for the deployment %q returned %t", tagged, tc.deployment, got)
		}
		other := ownership.Tag{Deployment: "other", Key: tc.key}
		otherKey := ownership.Tag{Deployment: tc.deployment, Key: "other"}
		if other.On(tagged) || otherKey.On(tagged) {
			t.Errorf("On(%q) returned true for a different tag", tagged)
		}
	}
}

func TestRedescribe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		wanted, current, deployment string
		next                        string // "same" if the description does not change
	}{
		{"new", "old", "", "new"},
		{"new", "new", "", "same"},
		{"", "", "", "same"},
		{"", "old", "", ""},
		{"", "old [deployment/shop]", "", "[deployment/shop]"},
		{"new", "old [deployment/shop]", "", "new [deployment/shop]"},
		{"new", "[deployment/shop]", "", "new [deployment/shop]"},
		{"new", "new [deployment/shop]", "", "same"},
		{" new ", "[deployment/shop]", "", " new  [deployment/shop]"},
		{"new [deployment/shop]", "new [deployment/shop]", "", "same"},
		{"new", "new [deployment/shop]", "shop", "same"},
		{"new", "new", "shop", "new [deployment/shop]"},
		{"new", "new [deployment/shop]", "shop-production", "new [deployment/shop-production]"},
		{"", "[deployment/shop/0123/prepare]", "blog", "[deployment/blog/0123/prepare]"},
	} {
		next, changed := ownership.Redescribe(tc.wanted, tc.current, tc.deployment)
		if changed != (tc.next != "same") || changed && next != tc.next {
			t.Errorf("%q over %q for %q: got %q (changed: %t), want %q", tc.wanted, tc.current, tc.deployment, next, changed, tc.next)
		}
	}
}
