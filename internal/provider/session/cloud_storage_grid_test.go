// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestCloudStorageOfAGrid checks that the provider works with the Cloud Storage of a
// simulated grid, with a password from the block or from the account's list.
func TestCloudStorageOfAGrid(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, acctest.WithCloudStorage)
	for name, block := range map[string]acctest.Attributes{
		"password from the block": grid.CloudStorage(t),
		"password from the list":  grid.CloudStorage(t, acctest.Attributes{"username": nil, "password": nil}),
	} {
		path := name + "/file"
		m := grid.Manage(t, providertest.ObjectType, block)
		m.Apply(acctest.Attributes{"path": path, "content": "one"}).WantNone(t)
		m.Apply(acctest.Attributes{"path": path, "content": "two"}).WantNone(t)
		m.Destroy().WantNone(t)
	}
	session := grid.Session(t, grid.CloudStorage(t))
	listed, diagnostics := session.ReadData("gogrid_storage_objects", acctest.Attributes{})
	diagnostics.WantNone(t)
	if left, _ := listed["objects"].([]any); len(left) != 0 {
		t.Errorf("the destroys left %v", left)
	}
}
