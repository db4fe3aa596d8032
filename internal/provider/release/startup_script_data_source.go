// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

var (
	_ datasource.DataSource                   = (*startupScriptDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*startupScriptDataSource)(nil)
)

// startupScriptDataSource renders texts. It calls no service and so needs no
// configured provider.
type startupScriptDataSource struct{}

// NewStartupScriptDataSource makes the data source gogrid_startup_script.
func NewStartupScriptDataSource() datasource.DataSource { return &startupScriptDataSource{} }

func (d *startupScriptDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_startup_script"
}

func (d *startupScriptDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = startupScriptSchema()
}

// ValidateConfig checks what is known already; what is not is checked when it
// is read.
func (d *startupScriptDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model startupScriptModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.config(ctx)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() || model.OS.IsUnknown() {
		return
	}
	if err := config.Check(); err != nil {
		resp.Diagnostics.Append(startupProblems("the startup script", err)...)
	}
}

func (d *startupScriptDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model startupScriptModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.config(ctx)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
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

// startupProblems turns invalid input into diagnostics on the attributes that
// are to blame.
func startupProblems(what string, err error) diag.Diagnostics {
	var invalid *startup.InvalidError
	if !errors.As(err, &invalid) {
		return diag.Diagnostics{tf.Failure("render "+what, err)}
	}
	var diags diag.Diagnostics
	for _, problem := range invalid.Problems {
		at, name := path.Empty(), ""
		for i, step := range problem.Path {
			switch step := step.(type) {
			case int:
				at = at.AtListIndex(step)
			case string:
				name = step
				if i == 0 {
					at = path.Root(step)
				} else {
					at = at.AtName(step)
				}
			case startup.Key:
				at = at.AtMapKey(string(step))
				name = string(step)
			}
		}
		diags.AddAttributeError(at, "Cannot render "+what, tf.Sentence(fmt.Sprintf("%q %v", name, problem.Err)))
	}
	return diags
}
