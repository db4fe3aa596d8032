// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ datasource.DataSourceWithConfigure = (*storageObjectsDataSource)(nil)

type storageObjectsDataSource struct {
	tf.DataSourceRules

	session *session.Session
}

type storageObjectsModel struct {
	Prefix  types.String          `tfsdk:"prefix"`
	Paths   types.List            `tfsdk:"paths"`
	Objects []storageListingModel `tfsdk:"objects"`
}

type storageListingModel struct {
	Path     types.String `tfsdk:"path"`
	Size     types.Int64  `tfsdk:"size"`
	Modified types.String `tfsdk:"modified"`
}

// NewStorageObjectsDataSource returns the data source gogrid_storage_objects.
func NewStorageObjectsDataSource() datasource.DataSource { return &storageObjectsDataSource{} }

func (d *storageObjectsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_objects"
}

func (d *storageObjectsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists files on Cloud Storage, without digests, because computing a digest requires reading the whole file. Needs the provider's `cloud_storage` block.",
		Attributes: map[string]schema.Attribute{
			"prefix": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Beginning of the paths to list: `releases/` lists a folder and everything below it, `releases/web-` lists only the part whose paths begin with `releases/web-`. Without a prefix, all files are listed.",
				Validators:          []validator.String{storagePrefix()},
			},
			"paths": schema.ListAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "Paths of the files, sorted.",
			},
			"objects": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Files, sorted by path. Unfinished uploads are not listed.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"path":     tf.ComputedResult("Path, relative to the share."),
					"size":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Size in bytes."},
					"modified": tf.ComputedResult("Time of the last change of the file, in RFC 3339."),
				}},
			},
		},
	}
}

func (d *storageObjectsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = session.From(req.ProviderData, &resp.Diagnostics)
}

func (d *storageObjectsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model storageObjectsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	store, err := d.session.OpenStorage(ctx)
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("list files on Cloud Storage", err))
		return
	}
	found, err := store.List(ctx, model.Prefix.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("list files on Cloud Storage", err))
		return
	}
	paths := make([]types.String, 0, len(found))
	model.Objects = make([]storageListingModel, 0, len(found))
	for _, object := range found {
		shown := storageListingModel{
			Path: types.StringValue(object.Path), Size: types.Int64Value(object.Size),
			Modified: types.StringValue(object.Modified.Format(time.RFC3339Nano)),
		}
		paths = append(paths, shown.Path)
		model.Objects = append(model.Objects, shown)
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, paths)
	resp.Diagnostics.Append(diags...)
	model.Paths = list
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
