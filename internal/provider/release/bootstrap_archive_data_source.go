// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
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

// bootstrapArchiveDataSource is a recipe of an archive plus its digest; the
// file it writes is a by-product, since the apply of a saved plan does not read
// data sources again. It calls no service and so needs no configured provider.
type bootstrapArchiveDataSource struct {
	clock clockwork.Clock // tells which certificates have expired
}

// NewBootstrapArchiveDataSource makes the constructor of the data source
// gogrid_bootstrap_archive.
func NewBootstrapArchiveDataSource(clock clockwork.Clock) func() datasource.DataSource {
	return func() datasource.DataSource { return &bootstrapArchiveDataSource{clock: clock} }
}

func (d *bootstrapArchiveDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_bootstrap_archive"
}

func (d *bootstrapArchiveDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = ArchiveSchema()
}

func (d *bootstrapArchiveDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.AtLeastOneOf(path.MatchRoot("source_dir"), path.MatchRoot("files")),
	}
}

// ValidateConfig checks what is known already. While one content is unknown
// the archive is built in the apply only, which is too late to learn that the
// path of another is wrong.
func (d *bootstrapArchiveDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
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
	archive, err := buildBootstrapArchive(ctx, recipe, model.OutputPath.ValueString())
	if err != nil {
		resp.Diagnostics.Append(bootstrapArchiveDiagnostics(err, positions)...)
		return
	}
	resp.Diagnostics.Append(bootstrapArchiveWarnings(archive.Warnings, positions)...)
	model.setResult(archive)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// buildBootstrapArchive writes the archive to a file, or only learns its digest
// when there is none to write.
func buildBootstrapArchive(ctx context.Context, recipe bootstrap.Recipe, outputPath string) (bootstrap.Archive, error) {
	if outputPath == "" {
		return recipe.Build(ctx, io.Discard)
	}
	return recipe.BuildFile(ctx, outputPath)
}

// bootstrapArchiveDiagnostics is bootstrapArchiveProblems for any error.
func bootstrapArchiveDiagnostics(err error, positions archivePositions) diag.Diagnostics {
	if diags := bootstrapArchiveProblems(err, positions); len(diags) > 0 {
		return diags
	}
	return diag.Diagnostics{tf.Failure("build the bootstrap archive", err)}
}
