// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/release"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// storageObjectModel holds the attributes of gogrid_storage_object. Archive is
// write-only: plans and states hold null.
type storageObjectModel struct {
	ID       types.String  `tfsdk:"id"`
	Path     types.String  `tfsdk:"path"`
	Source   types.String  `tfsdk:"source"`
	Content  types.String  `tfsdk:"content"`
	Archive  types.Dynamic `tfsdk:"archive"`
	SHA256   types.String  `tfsdk:"sha256"`
	Retain   types.Bool    `tfsdk:"retain"`
	Size     types.Int64   `tfsdk:"size"`
	Modified types.String  `tfsdk:"modified"`
}

// name returns the name of the object for messages.
func (m *storageObjectModel) name() string {
	return fmt.Sprintf("%q on Cloud Storage", m.Path.ValueString())
}

// owner returns a phrase that identifies the resource by its configuration.
// Messages about two resources need it, because the provider does not know
// resource addresses.
func (m *storageObjectModel) owner(ctx context.Context) string {
	name := fmt.Sprintf("the gogrid_storage_object with the path %q and ", m.Path.ValueString())
	switch {
	case !m.Source.IsNull():
		return name + fmt.Sprintf("the source %q", m.Source.ValueString())
	case !m.Archive.IsNull():
		if archive, diags := m.archive(ctx); !diags.HasError() {
			if release := archive.Release.ValueString(); release != "" {
				return name + fmt.Sprintf("the archive of the release %q", release)
			}
		}
		return name + "an archive"
	default:
		return name + fmt.Sprintf("a content of %d bytes", len(m.Content.ValueString()))
	}
}

// fill copies the properties of a file on the share into the model.
func (m *storageObjectModel) fill(object storage.Object) {
	m.ID = m.Path
	m.SHA256 = types.StringValue(object.SHA256)
	m.Size = types.Int64Value(object.Size)
	m.Modified = types.StringValue(object.Modified.Format(time.RFC3339Nano))
}

// known returns the file that the state describes. Modified is zero if the state has
// no digest.
func (m *storageObjectModel) known() storage.Object {
	object := storage.Object{Path: m.Path.ValueString(), Size: m.Size.ValueInt64(), SHA256: m.SHA256.ValueString()}
	if modified, err := time.Parse(time.RFC3339Nano, m.Modified.ValueString()); err == nil && object.SHA256 != "" {
		object.Modified = modified
	}
	return object
}

// digest returns the SHA-256 digest and the size of the configured content. It
// does not open a source file, so the size of a source file is unknown.
func (m *storageObjectModel) digest(ctx context.Context) (types.String, types.Int64, diag.Diagnostics) {
	switch {
	case m.Content.IsUnknown(), m.Archive.IsUnknown(), m.Archive.IsUnderlyingValueUnknown():
		return types.StringUnknown(), types.Int64Unknown(), nil
	case !m.Content.IsNull():
		content := m.Content.ValueString()
		sum := sha256.Sum256([]byte(content))
		return types.StringValue(hex.EncodeToString(sum[:])), types.Int64Value(int64(len(content))), nil
	case !m.Archive.IsNull():
		archive, diags := m.archive(ctx)
		return archive.SHA256, archive.Size, diags
	default:
		return m.SHA256, types.Int64Unknown(), nil
	}
}

// archive returns the inputs and results of the data source in the archive
// attribute. The value may come from another version of the data source, so
// missing attributes become null.
func (m *storageObjectModel) archive(ctx context.Context) (release.ArchiveModel, diag.Diagnostics) {
	var (
		model release.ArchiveModel
		diags diag.Diagnostics
	)
	given, ok := m.Archive.UnderlyingValue().(types.Object)
	if !ok || given.IsNull() {
		diags.Append(noArchive("The value is not an object."))
		return model, diags
	}
	wanted, _ := release.ArchiveSchema().Type().(attr.TypeWithAttributeTypes)
	values := map[string]attr.Value{}
	for name, kind := range wanted.AttributeTypes() {
		value, err := as(ctx, kind, given.Attributes()[name])
		if err != nil {
			diags.Append(noArchive(fmt.Sprintf("The attribute %s is invalid: %v.", name, err)))
		}
		values[name] = value
	}
	if diags.HasError() {
		return model, diags
	}
	object, moreDiags := types.ObjectValue(wanted.AttributeTypes(), values)
	diags.Append(moreDiags...)
	if !diags.HasError() {
		diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	}
	if !diags.HasError() && model.SHA256.IsNull() {
		diags.Append(noArchive("The value has no sha256."))
	}
	return model, diags
}

// as converts a value to the framework type of a schema attribute. It returns an
// error if the Terraform types differ. A missing value becomes null.
func as(ctx context.Context, kind attr.Type, value attr.Value) (attr.Value, error) {
	plain := tftypes.NewValue(kind.TerraformType(ctx), nil)
	if value != nil && !value.IsNull() {
		given, err := value.ToTerraformValue(ctx)
		if err != nil {
			return nil, err
		}
		if !given.Type().Equal(plain.Type()) {
			return nil, fmt.Errorf("must be a %s, not a %s", plain.Type(), given.Type())
		}
		plain = given
	}
	return kind.ValueFromTerraform(ctx, plain)
}

// noArchive returns the error about a value of archive that is not a bootstrap
// archive.
func noArchive(why string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("archive"), "This is no bootstrap archive",
		why+" Set archive to the whole data source, for example archive = data.gogrid_bootstrap_archive.app.")
}
