// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestBuildKeyStays checks that the key of an image without a build block does
// not change between releases, because the tags of existing images contain the
// key.
func TestBuildKeyStays(t *testing.T) {
	t.Parallel()
	model := func(triggers map[string]string) *myGSIImageModel {
		m := &myGSIImageModel{SandboxID: types.StringValue("700123"), RebuildTriggers: types.MapNull(types.StringType)}
		if triggers != nil {
			m.RebuildTriggers, _ = types.MapValueFrom(t.Context(), types.StringType, triggers)
		}
		return m
	}
	if got := model(nil).buildKey(); got != "515f540d7224" {
		t.Errorf("the key is %s, want 515f540d7224", got)
	}
	if got := model(map[string]string{"b": "2", "a": "1"}).buildKey(); got != "3c70aee92f8a" {
		t.Errorf("the key with triggers is %s, want 3c70aee92f8a", got)
	}
	prepared := model(nil)
	prepared.PreparedDigest = types.StringValue("00")
	if prepared.buildKey() == model(nil).buildKey() {
		t.Error("an image with a digest has the same key as an image without")
	}
}
