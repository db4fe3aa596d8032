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

type imageDataSource struct {
	session *session.Session
}

// imageModel holds the attributes of one image. In data.gogrid_image the embedded
// filter selects the image.
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

// fill sets the attributes from an image on the grid.
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

// keepCase returns the configured value if it equals text in any case, and text
// otherwise. Terraform requires that a configured value stays as it was written.
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
		MarkdownDescription: "Id of the image, a number.",
		Validators:          []validator.String{tf.IDNumber()},
	}
	attributes["description"] = tf.ComputedResult("Description, without the tag of a deployment; null if there is none.")
	attributes["type"] = tf.ComputedResult("Type of servers that are made from the image: `Web Server` or `Database Server`.")
	attributes["min_ram"] = tf.ComputedResult("Smallest RAM size of a server that is made from the image.")
	attributes["price"] = schema.Float64Attribute{Computed: true, MarkdownDescription: "Price in US dollars for each server that is made from the image, in addition to the price of the server."}
	attributes["location"] = tf.ComputedResult("Location of the image.")
	attributes["created_at"] = tf.ComputedResult("Time at which the image was saved, RFC 3339; null if GoGrid does not know it.")
	attributes["datacenters"] = schema.ListAttribute{
		ElementType: types.StringType, Computed: true,
		MarkdownDescription: "Names of the datacenters where the image can be used.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up one image: a base image of GoGrid or a MyGSI image of the account. All attributes that are set must match exactly one image. At least one must be set.",
		Attributes:          attributes,
	}
}

func (d *imageDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{tf.NoEmptyTexts{}, datasourcevalidator.AtLeastOneOf(
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

// filterByID returns the image with the id, or nil if images does not have it.
func filterByID(images []client.Image, id types.String) []client.Image {
	for _, image := range images {
		if tf.IDText(image.ID).Equal(id) {
			return []client.Image{image}
		}
	}
	return nil
}

// notOneImage returns the error for a filter that matches no image or several.
func notOneImage(images []client.Image) diag.Diagnostic {
	if len(images) == 0 {
		return diag.NewErrorDiagnostic("No image matches", "Set fewer conditions, or use data.gogrid_images with fewer conditions to list the images that exist.")
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
	return diag.NewErrorDiagnostic(fmt.Sprintf("%d images match", len(images)), "Set id, or more conditions, so that exactly one image matches, or use data.gogrid_images to list them. The matching images are: "+text+".")
}

// imageLabel returns the id, names and owner of an image for messages, so that a
// user can distinguish images with the same friendly name.
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
