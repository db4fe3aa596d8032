// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

var (
	_ datasource.DataSource                   = (*startupScriptDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*startupScriptDataSource)(nil)
)

// startupScriptDataSource renders texts. It calls no service, so it works without a
// configured provider.
type startupScriptDataSource struct{ tf.DataSourceRules }

// NewStartupScriptDataSource returns the data source gogrid_startup_script.
func NewStartupScriptDataSource() datasource.DataSource { return &startupScriptDataSource{} }

func (d *startupScriptDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_startup_script"
}

func (d *startupScriptDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = startupScriptSchema()
}

// ValidateConfig checks the values that are known. Read checks all values.
func (d *startupScriptDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	if tf.HasEmptyTexts(ctx, req.Config) {
		return
	}
	var model startupScriptModel
	config, ok := readInput(ctx, req.Config, &model, &resp.Diagnostics)
	if !ok || model.OS.IsUnknown() {
		return
	}
	if err := config.Check(); err != nil {
		resp.Diagnostics.Append(startupProblems("the startup script", err)...)
	}
}

func (d *startupScriptDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model startupScriptModel
	config, ok := readInput(ctx, req.Config, &model, &resp.Diagnostics)
	if !ok {
		return
	}
	rendered, err := startup.Render(config)
	if err != nil {
		resp.Diagnostics.Append(startupProblems("the startup script", err)...)
		return
	}
	resp.Diagnostics.Append(model.setResult(ctx, rendered)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
