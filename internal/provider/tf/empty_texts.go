// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// mayBeEmpty lists the attributes that accept an empty text as a value. No
// other string attribute of any object may be empty. The map's value is true if
// the attribute also accepts white space alone.
var mayBeEmpty = map[string]bool{
	"content":     true,  // an empty file
	"description": false, // removes the description
}

// MayBeEmpty reports whether an attribute accepts a text that is empty, or that
// holds only white space. name is the name of the attribute, without the names of
// the blocks around it.
func MayBeEmpty(name, text string) bool {
	blank, listed := mayBeEmpty[name]
	return listed && (text == "" || blank)
}

// isBlank reports whether a text is empty or holds only white space.
func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// NoEmptyTexts is a config validator for all objects. It returns an error for
// each string attribute that is empty or holds only white space, unless
// MayBeEmpty allows the text. Null and unknown values pass. Items of lists and
// maps of strings also pass, because they have their own rules. Every object
// applies the rule by embedding ResourceRules, DataSourceRules or
// EphemeralRules.
type NoEmptyTexts struct{}

// Description implements the config validators of the framework.
func (NoEmptyTexts) Description(context.Context) string { return "no text may be empty" }

// MarkdownDescription implements the config validators of the framework.
func (r NoEmptyTexts) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateProvider implements provider.ConfigValidator.
func (NoEmptyTexts) ValidateProvider(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	resp.Diagnostics.Append(emptyTexts(ctx, req.Config)...)
}

// ValidateResource implements resource.ConfigValidator.
func (NoEmptyTexts) ValidateResource(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(emptyTexts(ctx, req.Config)...)
}

// ValidateDataSource implements datasource.ConfigValidator.
func (NoEmptyTexts) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(emptyTexts(ctx, req.Config)...)
}

// ValidateEphemeralResource implements ephemeral.ConfigValidator.
func (NoEmptyTexts) ValidateEphemeralResource(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(emptyTexts(ctx, req.Config)...)
}

// ResourceRules adds NoEmptyTexts to the resource that embeds it.
type ResourceRules struct{}

// ConfigValidators implements resource.ResourceWithConfigValidators.
func (ResourceRules) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{NoEmptyTexts{}}
}

// DataSourceRules adds NoEmptyTexts to the data source that embeds it.
type DataSourceRules struct{}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (DataSourceRules) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{NoEmptyTexts{}}
}

// EphemeralRules adds NoEmptyTexts to the ephemeral resource that embeds it.
type EphemeralRules struct{}

// ConfigValidators implements ephemeral.EphemeralResourceWithConfigValidators.
func (EphemeralRules) ConfigValidators(context.Context) []ephemeral.ConfigValidator {
	return []ephemeral.ConfigValidator{NoEmptyTexts{}}
}

// HasEmptyTexts reports whether NoEmptyTexts reports an error about a
// configuration. Other checks of the values then return early, so that the same
// text is not reported twice.
func HasEmptyTexts(ctx context.Context, config tfsdk.Config) bool {
	return emptyTexts(ctx, config).HasError()
}

// emptyTexts returns an error for each string attribute that must not be empty but is
// empty or blank in the configuration.
func emptyTexts(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	err := tftypes.Walk(config.Raw, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if value.IsNull() || !value.IsKnown() {
			return false, nil
		}
		name, ok := at.LastStep().(tftypes.AttributeName)
		if !ok || !value.Type().Is(tftypes.String) {
			return true, nil
		}
		var text string
		if err := value.As(&text); err != nil || !isBlank(text) || MayBeEmpty(string(name), text) {
			return true, nil //nolint:nilerr // a value of another type is not an empty text
		}
		attribute, err := config.Schema.AttributeAtTerraformPath(ctx, at)
		if err != nil {
			return true, nil //nolint:nilerr // a part of a dynamic value, which has no schema
		}
		diags.Append(emptyText(attributePath(at), string(name), text, attribute.IsRequired()))
		return true, nil
	})
	if err != nil {
		diags.AddError("Could not check the configuration for empty texts", err.Error())
	}
	return diags
}

// emptyText returns the error about a text that is empty or holds only white space.
func emptyText(at path.Path, name, text string, required bool) diag.Diagnostic {
	holds := "is empty"
	if text != "" {
		holds = fmt.Sprintf("is %q, which holds only white space", text)
	}
	if required {
		return diag.NewAttributeErrorDiagnostic(at, "Empty "+name, fmt.Sprintf("%s %s. It is required and must not be empty.", name, holds))
	}
	return diag.NewAttributeErrorDiagnostic(at, "Empty "+name,
		fmt.Sprintf("%s %s. It must not be empty: leave it out or set it to null to use its default, if it has one. "+
			"If a variable may be empty, write %s = var.x != \"\" ? var.x : null.", name, holds, name))
}

// attributePath converts a protocol path to a framework path. The path ends
// before an item of a set, which has no index.
func attributePath(at *tftypes.AttributePath) path.Path {
	result := path.Empty()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			result = result.AtName(string(step))
		case tftypes.ElementKeyInt:
			result = result.AtListIndex(int(step))
		case tftypes.ElementKeyString:
			result = result.AtMapKey(string(step))
		default:
			return result
		}
	}
	return result
}
