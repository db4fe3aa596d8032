// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var (
	_ datasource.DataSource                     = (*bootstrapArchiveDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*bootstrapArchiveDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig   = (*bootstrapArchiveDataSource)(nil)
)

// bootstrapArchiveDataSource returns the inputs and the digest of an archive.
// Resources pack the archive again from these inputs and do not need the file at
// output_path, because the apply of a saved plan does not read data sources
// again. The data source calls no service, so it works without a configured
// provider.
type bootstrapArchiveDataSource struct {
	clock   clockwork.Clock // decides which certificates have expired
	outputs *outputs
}

// NewBootstrapArchiveDataSource returns the constructor of the data source
// gogrid_bootstrap_archive.
func NewBootstrapArchiveDataSource(clock clockwork.Clock) func() datasource.DataSource {
	written := &outputs{}
	return func() datasource.DataSource { return &bootstrapArchiveDataSource{clock: clock, outputs: written} }
}

func (d *bootstrapArchiveDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_bootstrap_archive"
}

func (d *bootstrapArchiveDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = ArchiveSchema()
}

func (d *bootstrapArchiveDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		tf.NoEmptyTexts{},
		datasourcevalidator.AtLeastOneOf(path.MatchRoot("source_dir"), path.MatchRoot("files")),
	}
}

// ValidateConfig checks the known part of the configuration. If any content is
// unknown, only the apply builds the archive, and an invalid path would be
// reported too late.
func (d *bootstrapArchiveDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	if tf.HasEmptyTexts(ctx, req.Config) {
		return
	}
	var model ArchiveModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	recipe, positions, diags := model.KnownRecipe(ctx)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if err := recipe.Check(); err != nil {
		resp.Diagnostics.Append(bootstrapArchiveDiagnostics(err, positions)...)
	}
}

func (d *bootstrapArchiveDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model ArchiveModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	recipe, positions, diags := model.KnownRecipe(ctx)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	recipe.Inspection, diags = model.inspection(ctx, d.clock.Now())
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if other, found := d.outputs.add(model); found {
		resp.Diagnostics.AddAttributeError(path.Root("output_path"), "Two archives have the same output_path",
			fmt.Sprintf("Both %s and %s are written to %q, so one would replace the other. Give each gogrid_bootstrap_archive an output_path of its own.",
				other, inputName(model), model.OutputPath.ValueString()))
		return
	}
	archive, err := buildBootstrapArchive(ctx, recipe, model.OutputPath.ValueString())
	if err != nil {
		resp.Diagnostics.Append(bootstrapArchiveDiagnostics(err, positions)...)
		return
	}
	resp.Diagnostics.Append(bootstrapArchiveWarnings(archive.Warnings, positions)...)
	model.setResult(archive)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// buildBootstrapArchive writes the archive to a file. Without an output path, it only
// computes the digest.
func buildBootstrapArchive(ctx context.Context, recipe bootstrap.Recipe, outputPath string) (bootstrap.Archive, error) {
	if outputPath == "" {
		return recipe.Build(ctx, io.Discard)
	}
	return recipe.BuildFile(ctx, outputPath)
}

// bootstrapArchiveDiagnostics returns the diagnostics of a failed build: the problems
// of the input, or else the error itself.
func bootstrapArchiveDiagnostics(err error, positions archivePositions) diag.Diagnostics {
	if diags := bootstrapArchiveProblems(err, positions); len(diags) > 0 {
		return diags
	}
	return diag.Diagnostics{tf.Failure("build the bootstrap archive", err)}
}
