// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ datasource.DataSourceWithConfigure = (*imagesDataSource)(nil)

type imagesDataSource struct {
	tf.DataSourceRules

	session *session.Session
}

type imagesModel struct {
	imageFilter
	FriendlyNamePrefix types.String `tfsdk:"friendly_name_prefix"`
	IDs                types.List   `tfsdk:"ids"`
	Images             []imageModel `tfsdk:"images"`
}

// NewImagesDataSource returns the data source gogrid_images.
func NewImagesDataSource() datasource.DataSource { return &imagesDataSource{} }

func (d *imagesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_images"
}

func (d *imagesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageFilterAttributes(false)
	attributes["friendly_name_prefix"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Prefix of the friendly name, ignoring case: `web-` finds `web-2026-01` and `web-2026-02`. Conflicts with `friendly_name`.",
		Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("friendly_name"))},
	}
	attributes["ids"] = schema.ListAttribute{
		ElementType: types.StringType, Computed: true,
		MarkdownDescription: "Ids of the matching images, newest first. Images without a known creation time come last.",
	}
	attributes["images"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Matching images, newest first.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":            tf.ComputedResult("Id of the image."),
			"name":          tf.ComputedResult("Name that GoGrid gives to the image."),
			"friendly_name": tf.ComputedResult("Friendly name. Several images may share one."),
			"description":   tf.ComputedResult("Description, without the tag of a deployment; null if there is none."),
			"os":            tf.ComputedResult("Operating system."),
			"architecture":  tf.ComputedResult("Architecture: `32-bit` or `64-bit`."),
			"state":         tf.ComputedResult("State: `Saving`, `Available`, `Trash`, `Deleted` or `Migrating`."),
			"type":          tf.ComputedResult("Type of servers that are made from the image: `Web Server` or `Database Server`."),
			"min_ram":       tf.ComputedResult("Smallest RAM size of a server that is made from the image."),
			"location":      tf.ComputedResult("Location of the image."),
			"created_at":    tf.ComputedResult("Time at which the image was saved, RFC 3339; null if GoGrid does not know it."),
			"datacenter":    tf.ComputedResult("Datacenter used as a filter, if any."),
			"is_public":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether other accounts may use the image."},
			"price":         schema.Float64Attribute{Computed: true, MarkdownDescription: "Price in US dollars for each server that is made from the image, in addition to the price of the server."},
			"datacenters": schema.ListAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "Names of the datacenters where the image can be used.",
			},
		}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists images: base images of GoGrid, images that partners and other customers share, and MyGSI images of the account. An image must match all attributes that are set.",
		Attributes:          attributes,
	}
}

func (d *imagesDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = session.From(req.ProviderData, &resp.Diagnostics)
}

func (d *imagesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model imagesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !d.session.Configured() {
		resp.Diagnostics.Append(d.session.NotKnown("list images"))
		return
	}
	images, err := model.choose(ctx, d.session)
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("list the images", err))
		return
	}
	if len(images) == 0 {
		resp.Diagnostics.Append(model.warnOfUnknown(ctx, d.session)...)
	}
	images = slices.DeleteFunc(images, func(image client.Image) bool { return !beginsWith(image.FriendlyName, model.FriendlyNamePrefix) })
	ids := make([]types.String, 0, len(images))
	model.Images = make([]imageModel, 0, len(images))
	for _, image := range images {
		shown := imageModel{imageFilter: imageFilter{Datacenter: model.Datacenter}}
		shown.fill(image)
		model.Images = append(model.Images, shown)
		ids = append(ids, shown.ID)
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, ids)
	resp.Diagnostics.Append(diags...)
	model.IDs = list
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// beginsWith reports whether text begins with prefix, ignoring case. A null prefix
// matches every text.
func beginsWith(text string, prefix types.String) bool {
	return strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix.ValueString()))
}
