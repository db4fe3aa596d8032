// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stateText is the beginning of a state as Terraform writes it.
const stateText = "{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 3,\n  \"lineage\": \"x\",\n  \"outputs\": {\"password\": \"canary\"}\n}\n"

// planText returns a plan file: a zip file whose first entry is tfplan.
func planText(t *testing.T) string {
	t.Helper()
	var plan bytes.Buffer
	writer := zip.NewWriter(&plan)
	for _, name := range []string{"tfplan", "tfstate"} {
		if _, err := writer.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// TestTerraformFilesAreLeftOut checks that state and plan files in a source folder are
// not archived, whatever their names, that a warning names them, and that a changed
// state does not change the archive.
func TestTerraformFilesAreLeftOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	omitted := map[string]string{
		"terraform.tfstate": stateText, "terraform.tfstate.backup": stateText, "terraform.tfstate.1700000000.backup": stateText,
		"errored.tfstate": stateText, ".terraform.tfstate.lock.info": "{}", "env/prod.TFSTATE": stateText, "pulled.json": stateText,
		"saved.tfplan": "x", "tfplan": "x", "plan.out": planText(t), "terraform.tfstate.d/prod/terraform.tfstate": stateText, ".terraform/providers/x": "x",
	}
	for name, content := range omitted {
		write(name, content)
	}
	kept := []string{".terraform.lock.hcl", "app.json", "main.tf", "site.zip", "tfstate.md"}
	for _, name := range kept {
		write(name, "{}")
	}
	recipe := Recipe{SourceDir: dir}
	archive, err := recipe.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, entry := range archive.Entries {
		paths = append(paths, entry.Path)
	}
	if !slices.Equal(paths, kept) {
		t.Errorf("the archive holds %q, want %q", paths, kept)
	}
	if len(archive.Warnings) != 1 || archive.Warnings[0].Field != FieldSourceDir {
		t.Fatalf("the warnings are %v, want one about the source folder", archive.Warnings)
	}
	for _, text := range []string{`"terraform.tfstate"`, `".terraform"`, "and 2 more", `"files"`} {
		if !strings.Contains(archive.Warnings[0].Error(), text) {
			t.Errorf("the warning does not contain %s: %v", text, archive.Warnings[0])
		}
	}
	write("terraform.tfstate", strings.Replace(stateText, "3", "4", 1))
	again, err := recipe.Build(t.Context(), io.Discard)
	if err != nil || again.SHA256 != archive.SHA256 {
		t.Errorf("after a change of the state file, the digest is %s (%v), want %s", again.SHA256, err, archive.SHA256)
	}
	recipe.Files = map[string]string{"terraform.tfstate": stateText}
	named, err := recipe.Build(t.Context(), io.Discard)
	if err != nil || len(named.Entries) != len(kept)+1 {
		t.Errorf("with a state file in Files, the archive has %d entries (%v), want %d", len(named.Entries), err, len(kept)+1)
	}
	recipe = Recipe{SourceDir: dir, Exclude: []string{"*.tfstate*", "*.TFSTATE", ".terraform/", "terraform.tfstate.d/", "*tfplan", "plan.out", "pulled.json"}}
	if archive, err = recipe.Build(t.Context(), io.Discard); err != nil || len(archive.Warnings) > 0 {
		t.Errorf("with all of them excluded, the warnings are %v and the error is %v, want none", archive.Warnings, err)
	}
}
