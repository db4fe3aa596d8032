// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// examplesWithOwnTest returns the examples that have their own test, with the
// reason for each.
func examplesWithOwnTest() map[string]string {
	return map[string]string{
		"ci":                       "a pipeline with remote state",
		"image-pipeline":           "needs servers that boot",
		"image-pipeline-windows":   "can only be planned",
		"one-click-deploy":         "needs servers that boot",
		"private-network":          "needs servers that boot",
		"one-click-deploy-windows": "can only be planned",
		"ephemeral-resources/gogrid_server_password": "writes a file that the test reads",
	}
}

// TestAccExamples applies every other example. An apply must not warn, the next
// plan must be empty, and a destroy must leave no server on the grid.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	root := examplesDir(t)
	for _, dir := range configurations(t, root) {
		if _, special := examplesWithOwnTest()[dir]; special {
			continue
		}
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewGrid(t, acctest.WithCloudStorage)
			b := newExampleRun(t, grid)
			b.Env = append(b.Env, grid.StorageEnv(t)...)
			b.load(filepath.Join(root, dir))
			if output := b.apply(); strings.Contains(output, "Warning") {
				t.Errorf("apply warns:\n%s", output)
			}
			b.wantEmptyPlan()
			b.ok("destroy", "-auto-approve", "-input=false", "-no-color")
			if left := grid.Inspect().Servers; len(left) > 0 {
				t.Errorf("destroy left servers on the grid: %+v", left)
			}
		})
	}
}

// configurations returns the directories with a configuration, relative to
// root.
func configurations(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		files, err := filepath.Glob(filepath.Join(path, "*.tf"))
		if len(files) > 0 {
			relative, relErr := filepath.Rel(root, path)
			found = append(found, filepath.ToSlash(relative))
			return relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDocumentedKindsHaveExamples checks that the examples of the
// documentation's pages exist.
func TestDocumentedKindsHaveExamples(t *testing.T) {
	t.Parallel()
	root := examplesDir(t)
	for _, path := range []string{
		"provider/provider.tf",
		"resources/gogrid_server/resource.tf", "resources/gogrid_sandbox/resource.tf",
		"resources/gogrid_mygsi_image/resource.tf", "resources/gogrid_private_ip/resource.tf",
		"resources/gogrid_storage_object/resource.tf", "resources/gogrid_storage_channel/resource.tf", "data-sources/gogrid_storage_objects/data-source.tf",
		"data-sources/gogrid_image/data-source.tf", "data-sources/gogrid_images/data-source.tf",
		"data-sources/gogrid_ips/data-source.tf", "data-sources/gogrid_bootstrap_archive/data-source.tf",
		"data-sources/gogrid_startup_script/data-source.tf", "data-sources/gogrid_dhcp_config/data-source.tf", "data-sources/gogrid_deployment/data-source.tf",
		"ephemeral-resources/gogrid_server_password/ephemeral-resource.tf",
		"ephemeral-resources/gogrid_storage_credentials/ephemeral-resource.tf",
	} {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Error(err)
		}
	}
}
