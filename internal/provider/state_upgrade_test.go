// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestStateUpgrades checks that an upgrade removes the values that are now write-only
// from states of older versions, and keeps all other values.
func TestStateUpgrades(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		resource, state string
		kept            []string
	}{
		"storage object with an archive": {
			"gogrid_storage_object",
			`{"id": "a.zip", "path": "a.zip", "sha256": "kept-digest", "size": 3, "retain": true,
			  "archive": {"type": ["object", {"manifest_json": "string"}], "value": {"manifest_json": "a long text"}}}`,
			[]string{"a.zip", "kept-digest"},
		},
		"storage object with a content": {
			"gogrid_storage_object",
			`{"id": "a.txt", "path": "a.txt", "sha256": "kept-digest", "size": 3, "content": "kept-text"}`,
			[]string{"a.txt", "kept-digest", "kept-text"},
		},
		"image": {
			"gogrid_mygsi_image",
			`{"id": "7", "friendly_name": "web", "prepared_digest": "kept-digest",
			  "prepare": {"files": [{"source": null, "content": "a long text", "destination": "/etc/x", "mode": "0600"}], "commands": ["kept-command"]}}`,
			[]string{"web", "kept-digest", "/etc/x", "0600", "kept-command"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := protocolServer()
			schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				t.Fatal(err)
			}
			schema := schemas.ResourceSchemas[test.resource]
			if schema.Version != 1 {
				t.Fatalf("the schema of %s has version %d, want 1", test.resource, schema.Version)
			}
			upgraded, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
				TypeName: test.resource, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(test.state)},
			})
			if err != nil || len(upgraded.Diagnostics) > 0 {
				t.Fatalf("%v, %v", err, upgraded.Diagnostics)
			}
			wantUpgraded(t, schema, upgraded.UpgradedState, test.kept)
		})
	}
}

// wantUpgraded checks that an upgraded state holds the values in kept, and not the
// text that is now write-only.
func wantUpgraded(t *testing.T, schema *tfprotov6.Schema, state *tfprotov6.DynamicValue, kept []string) {
	t.Helper()
	value, err := state.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if text := value.String(); strings.Contains(text, "a long text") {
		t.Errorf("the upgraded state still holds the text: %s", text)
	}
	for _, want := range kept {
		if text := value.String(); !strings.Contains(text, `"`+want+`"`) {
			t.Errorf("the upgraded state lacks %q: %s", want, text)
		}
	}
}
