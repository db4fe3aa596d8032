// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
)

// bootstrapArchiveModel is the data source's configuration and result.
type bootstrapArchiveModel struct {
	SourceDir  types.String `tfsdk:"source_dir"`
	Files      types.Map    `tfsdk:"files"`
	Exclude    types.List   `tfsdk:"exclude"`
	OutputPath types.String `tfsdk:"output_path"`
	SHA256     types.String `tfsdk:"sha256"`
	Size       types.Int64  `tfsdk:"size"`
	FileCount  types.Int64  `tfsdk:"file_count"`
}

// knownRecipe is the recipe as far as it is known: unknown contents are empty,
// unknown patterns are left out. positions tells where in "exclude" each
// pattern of the recipe comes from.
func (m *bootstrapArchiveModel) knownRecipe(ctx context.Context) (bootstrap.Recipe, []int, diag.Diagnostics) {
	recipe := bootstrap.Recipe{SourceDir: m.SourceDir.ValueString()}
	files, diags := m.knownFiles(ctx)
	recipe.Files = files
	if m.Exclude.IsNull() || m.Exclude.IsUnknown() {
		return recipe, nil, diags
	}
	var patterns []types.String
	diags.Append(m.Exclude.ElementsAs(ctx, &patterns, false)...)
	var positions []int
	for i, pattern := range patterns {
		switch {
		case pattern.IsUnknown():
		case pattern.IsNull():
			diags.AddAttributeError(path.Root("exclude").AtListIndex(i), "Invalid exclude pattern",
				"The pattern is null. Take it out of the list, for example with compact().")
		default:
			recipe.Exclude = append(recipe.Exclude, pattern.ValueString())
			positions = append(positions, i)
		}
	}
	return recipe, positions, diags
}

func (m *bootstrapArchiveModel) knownFiles(ctx context.Context) (map[string]string, diag.Diagnostics) {
	if m.Files.IsNull() || m.Files.IsUnknown() {
		return nil, nil
	}
	contents := map[string]types.String{}
	diags := m.Files.ElementsAs(ctx, &contents, false)
	files := make(map[string]string, len(contents))
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if contents[name].IsNull() {
			diags.AddAttributeError(path.Root("files").AtMapKey(name), "Invalid file in the bootstrap archive",
				fmt.Sprintf("The content of %q is null. Give it a content, \"\" for an empty file, or take it out of the map.", name))
			continue
		}
		files[name] = contents[name].ValueString()
	}
	return files, diags
}

func (m *bootstrapArchiveModel) setResult(archive bootstrap.Archive) {
	m.SHA256 = types.StringValue(archive.SHA256)
	m.Size = types.Int64Value(archive.Size)
	m.FileCount = types.Int64Value(int64(len(archive.Entries)))
}

// shownProblems is how many problems of one folder a diagnostic lists. More
// have a common cause, and nobody reads them.
const shownProblems = 50

// bootstrapArchiveProblems turns invalid input into diagnostics on the
// attributes that are to blame; those of the source folder share one. It is
// empty for other errors.
func bootstrapArchiveProblems(err error, positions []int) diag.Diagnostics {
	var invalid *bootstrap.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	var diags diag.Diagnostics
	var folder []string
	for _, problem := range invalid.Problems {
		switch problem.Field {
		case bootstrap.FieldFiles:
			at := path.Root("files")
			if problem.Path != "" {
				at = at.AtMapKey(problem.Path)
			}
			diags.AddAttributeError(at, "Invalid file in the bootstrap archive", sentence(problemText(problem)))
		case bootstrap.FieldExclude:
			at := path.Root("exclude").AtListIndex(positions[problem.Index])
			diags.AddAttributeError(at, "Invalid exclude pattern", sentence(problemText(problem)))
		case bootstrap.FieldOutput:
			diags.AddAttributeError(path.Root("output_path"), "Could not write the bootstrap archive", sentence(problemText(problem)))
		case bootstrap.FieldSourceDir:
			folder = append(folder, problemText(problem))
		}
	}
	if len(folder) > 0 {
		diags.AddAttributeError(path.Root("source_dir"), "Could not archive the source folder", folderText(folder))
	}
	return diags
}

func problemText(problem bootstrap.Problem) string {
	if problem.Path == "" {
		return problem.Err.Error()
	}
	return fmt.Sprintf("%q %v", problem.Path, problem.Err)
}

func folderText(problems []string) string {
	if len(problems) == 1 {
		return sentence(problems[0])
	}
	text := fmt.Sprintf("There are %d problems:", len(problems))
	for _, problem := range problems[:min(len(problems), shownProblems)] {
		text += "\n- " + problem
	}
	if more := len(problems) - shownProblems; more > 0 {
		text += fmt.Sprintf("\n- and %d more", more)
	}
	return strings.TrimSpace(text)
}
