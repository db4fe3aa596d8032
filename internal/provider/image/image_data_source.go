// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var (
	_ datasource.DataSourceWithConfigure        = (*imageDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*imageDataSource)(nil)
)

type imageDataSource struct{ session *session.Session }

// imageModel is one image. In data.gogrid_image the attributes of the filter
// choose it.
type imageModel struct {
	imageFilter
	ID          types.String  `tfsdk:"id"`
	Description types.String  `tfsdk:"description"`
	Type        types.String  `tfsdk:"type"`
	MinRAM      types.String  `tfsdk:"min_ram"`
	Price       types.Float64 `tfsdk:"price"`
	Location    types.String  `tfsdk:"location"`
	Datacenters types.List    `tfsdk:"datacenters"`
	CreatedAt   types.String  `tfsdk:"created_at"`
}

// fill takes over what the grid shows of the image.
func (m *imageModel) fill(image client.Image) {
	m.ID = tf.IDText(image.ID)
	m.Name = keepCase(m.Name, image.Name)
	m.FriendlyName = keepCase(m.FriendlyName, image.FriendlyName)
	m.Description = tf.KeepEmpty(types.StringNull(), ownership.Strip(image.Description))
	m.OS = session.KeepEquivalent(m.OS, image.OS)
	m.Architecture = session.KeepEquivalent(m.Architecture, image.Architecture)
	m.State = session.KeepEquivalent(m.State, image.State)
	m.Type = types.StringValue(image.Type.Name)
	m.IsPublic = types.BoolValue(image.IsPublic)
	m.MinRAM = types.StringValue(image.MinRAM.Name)
	m.Price = types.Float64Value(image.Price)
	m.Location = types.StringValue(image.Location)
	m.Datacenters = session.AvailableIn(image)
	m.CreatedAt = tf.TimeText(image.CreatedTime)
}

// keepCase is a text that is looked up without regard to case: the user's own
// form where it means the same, as Terraform wants of what is configured.
func keepCase(value types.String, text string) types.String {
	if tf.IsSet(value) && strings.EqualFold(value.ValueString(), text) {
		return value
	}
	return types.StringValue(text)
}

// NewImageDataSource returns the data source gogrid_image.
func NewImageDataSource() datasource.DataSource { return &imageDataSource{} }

func (d *imageDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_image"
}

func (d *imageDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageFilterAttributes(true)
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Id of the image.",
		Validators:          []validator.String{tf.IDNumber()},
	}
	attributes["description"] = tf.ComputedResult("Description, without the mark of a deployment.")
	attributes["type"] = tf.ComputedResult("Type that servers of this image get: `Web Server` or `Database Server`.")
	attributes["min_ram"] = tf.ComputedResult("Smallest RAM size that a server of this image can have.")
	attributes["price"] = schema.Float64Attribute{Computed: true, MarkdownDescription: "Price in US dollars for each server made from it, beyond the server's own."}
	attributes["location"] = tf.ComputedResult("Where the image lies.")
	attributes["created_at"] = tf.ComputedResult("When the image was saved, RFC 3339; not known of every base image.")
	attributes["datacenters"] = schema.ListAttribute{
		ElementType: types.StringType, Computed: true,
		MarkdownDescription: "Names of the datacenters where the image can be used.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up one image: a base image of GoGrid or a MyGSI image of the account. What is set must match; it must match exactly one image.",
		Attributes:          attributes,
	}
}

func (d *imageDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.AtLeastOneOf(
		path.MatchRoot("id"), path.MatchRoot("name"), path.MatchRoot("friendly_name"), path.MatchRoot("os"),
		path.MatchRoot("architecture"), path.MatchRoot("state"), path.MatchRoot("datacenter"), path.MatchRoot("is_public"),
	)}
}

func (d *imageDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = session.From(req.ProviderData, &resp.Diagnostics)
}

func (d *imageDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model imageModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !d.session.Configured() {
		resp.Diagnostics.Append(d.session.NotKnown("look up an image"))
		return
	}
	images, err := model.choose(ctx, d.session)
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("list the images", err))
		return
	}
	if tf.IsSet(model.ID) {
		images = filterByID(images, model.ID)
	}
	if len(images) != 1 {
		resp.Diagnostics.Append(notOneImage(images))
		return
	}
	model.fill(images[0])
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func filterByID(images []client.Image, id types.String) []client.Image {
	for _, image := range images {
		if tf.IDText(image.ID).Equal(id) {
			return []client.Image{image}
		}
	}
	return nil
}

// notOneImage is the error about a filter that matches none or several.
func notOneImage(images []client.Image) diag.Diagnostic {
	if len(images) == 0 {
		return diag.NewErrorDiagnostic("No image matches", "data.gogrid_images with fewer conditions shows what there is.")
	}
	const most = 5
	var names []string
	for _, image := range images[:min(most, len(images))] {
		names = append(names, imageLabel(image))
	}
	text := strings.Join(names, ", ")
	if len(images) > most {
		text += ", ..."
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%d images match", len(images)), "Set id, or more conditions, so that exactly one matches, or use data.gogrid_images. They are: "+text+".")
}

// imageLabel describes an image so that it can be told apart from others with
// the same friendly name.
func imageLabel(image client.Image) string {
	words := []string{image.Name}
	if !strings.EqualFold(image.FriendlyName, image.Name) {
		words = append(words, image.FriendlyName)
	}
	if image.Owner.Name != "" {
		words = append(words, "by "+image.Owner.Name)
	}
	return fmt.Sprintf("%d (%s)", image.ID, strings.Join(words, ", "))
}
