// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// ArchiveModel holds the configuration and the computed values of
// gogrid_bootstrap_archive.
type ArchiveModel struct {
	SourceDir  types.String `tfsdk:"source_dir"`
	Files      types.Map    `tfsdk:"files"`
	Exclude    types.List   `tfsdk:"exclude"`
	OS         types.String `tfsdk:"os"`
	Version    types.String `tfsdk:"version"`
	Manifest   types.Object `tfsdk:"manifest"`
	OutputPath types.String `tfsdk:"output_path"`

	// CertificatePasswords is null in a result, so that no state holds a password.
	CertificatePasswords types.Map `tfsdk:"certificate_passwords"`

	Release   types.String `tfsdk:"release"`
	SHA256    types.String `tfsdk:"sha256"`
	Size      types.Int64  `tfsdk:"size"`
	FileCount types.Int64  `tfsdk:"file_count"`
}

// archivePositions holds, for each pattern and step of a recipe, its index in
// the configuration. The recipe omits unknown patterns and steps, so the
// indexes in the recipe differ.
type archivePositions struct {
	exclude []int
	steps   []int
}

// KnownRecipe returns the known part of the recipe. Unknown contents are empty;
// unknown patterns and steps are left out.
func (m *ArchiveModel) KnownRecipe(ctx context.Context) (bootstrap.Recipe, archivePositions, diag.Diagnostics) {
	recipe := bootstrap.Recipe{
		SourceDir: m.SourceDir.ValueString(), Version: m.Version.ValueString(), OS: bootstrap.OS(m.OS.ValueString()),
	}
	var positions archivePositions
	files, diags := m.knownFiles(ctx)
	recipe.Files = files
	diags.Append(m.knownExclusions(ctx, &recipe, &positions)...)
	if !m.OS.IsUnknown() {
		diags.Append(m.knownSteps(ctx, &recipe, &positions)...)
	}
	return recipe, positions, diags
}

func (m *ArchiveModel) knownExclusions(ctx context.Context, recipe *bootstrap.Recipe, positions *archivePositions) diag.Diagnostics {
	if !tf.IsSet(m.Exclude) {
		return nil
	}
	var patterns []types.String
	diags := m.Exclude.ElementsAs(ctx, &patterns, false)
	for i, pattern := range patterns {
		switch {
		case pattern.IsUnknown():
		case pattern.IsNull():
			diags.AddAttributeError(path.Root("exclude").AtListIndex(i), "Invalid exclude pattern",
				"The pattern is null. Remove it from the list, for example with compact().")
		default:
			recipe.Exclude = append(recipe.Exclude, pattern.ValueString())
			positions.exclude = append(positions.exclude, i)
		}
	}
	return diags
}

func (m *ArchiveModel) knownFiles(ctx context.Context) (map[string]string, diag.Diagnostics) {
	if !tf.IsSet(m.Files) {
		return nil, nil
	}
	contents := map[string]types.String{}
	diags := m.Files.ElementsAs(ctx, &contents, false)
	files := make(map[string]string, len(contents))
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if contents[name].IsNull() {
			diags.AddAttributeError(path.Root("files").AtMapKey(name), "Invalid file in the bootstrap archive",
				fmt.Sprintf("The content of %q is null. Set the content (\"\" for an empty file), or remove the file from the map.", name))
			continue
		}
		files[name] = contents[name].ValueString()
	}
	return files, diags
}

// inspection returns the time and the passwords for opening the certificates of the
// archive.
func (m *ArchiveModel) inspection(ctx context.Context, now time.Time) (*bootstrap.Inspection, diag.Diagnostics) {
	passwords := map[string]types.String{}
	diags := m.CertificatePasswords.ElementsAs(ctx, &passwords, false)
	inspection := &bootstrap.Inspection{Now: now, Passwords: map[string]string{}}
	for name, password := range passwords {
		if !password.IsNull() {
			inspection.Passwords[name] = password.ValueString()
		}
	}
	return inspection, diags
}

func (m *ArchiveModel) setResult(archive bootstrap.Archive) {
	m.CertificatePasswords = types.MapNull(types.StringType)
	m.Release = types.StringValue(archive.Release)
	m.SHA256 = types.StringValue(archive.SHA256)
	m.Size = types.Int64Value(archive.Size)
	m.FileCount = types.Int64Value(int64(len(archive.Entries)))
}
