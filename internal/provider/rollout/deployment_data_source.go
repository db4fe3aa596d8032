// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ datasource.DataSourceWithConfigure = (*deploymentDataSource)(nil)

type deploymentDataSource struct{ session *session.Session }

type deploymentModel struct {
	Group    types.String              `tfsdk:"group"`
	Servers  []deployedServerModel     `tfsdk:"servers"`
	Releases map[string][]types.String `tfsdk:"releases"`
	Release  types.String              `tfsdk:"release"`
}

type deployedServerModel struct {
	Name       types.String `tfsdk:"name"`
	Group      types.String `tfsdk:"group"`
	Release    types.String `tfsdk:"release"`
	Since      types.String `tfsdk:"since"`
	Pinned     types.String `tfsdk:"pinned_release"`
	UnderWay   types.Bool   `tfsdk:"under_way"`
	OK         types.Bool   `tfsdk:"ok"`
	Problem    types.String `tfsdk:"problem"`
	BootedAt   types.String `tfsdk:"booted_at"`
	ReportedAt types.String `tfsdk:"told_at"`
}

// NewDeploymentDataSource returns the data source gogrid_deployment.
func NewDeploymentDataSource() datasource.DataSource { return &deploymentDataSource{} }

func (d *deploymentDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_deployment"
}

func (d *deploymentDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Which server runs which release, since when: what servers with the script of `gogrid_startup_script` have told on Cloud Storage of their last boot. " +
			"The grid is not asked, so servers that were deleted by other means than this provider are among them. Needs the provider's `cloud_storage` block.",
		Attributes: map[string]schema.Attribute{
			"group": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only the servers of this `deploy.group`. All servers by default, those without a `deploy` block included.",
				Validators:          []validator.String{tf.StartupName("group")},
			},
			"release": tf.ComputedResult("The release that all the servers run; null while they run different ones."),
			"releases": schema.MapAttribute{
				ElementType: types.ListType{ElemType: types.StringType}, Computed: true,
				MarkdownDescription: "The names of the servers, by the release that they run. Servers that run none are not in it.",
			},
			"servers": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The servers, sorted by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":           tf.ComputedResult("Name of the server."),
					"group":          tf.ComputedResult("Its `deploy.group`; null without a `deploy` block."),
					"release":        tf.ComputedResult("The release that it runs; null while it runs none, or has told nothing."),
					"since":          tf.ComputedResult("When that release was installed, by the server's clock, RFC 3339; null where the server does not tell."),
					"pinned_release": tf.ComputedResult("The release that it loads when it boots next; null: that of its channel."),
					"under_way":      schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether a deploy to it has begun and not ended. When no apply is running, one was killed: the next one goes on."},
					"ok":             schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all of its last boot went well; null as long as it has told nothing."},
					"problem":        tf.ComputedResult("The first thing that went wrong in its last boot; null: nothing."),
					"booted_at":      tf.ComputedResult("When its last boot began, by the server's clock, RFC 3339."),
					"told_at":        tf.ComputedResult("When it told of it, by the server's clock, RFC 3339."),
				}},
			},
		},
	}
}

func (d *deploymentDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = session.From(req.ProviderData, &resp.Diagnostics)
}

func (d *deploymentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model deploymentModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	deployer, err := NewDeployer(ctx, d.session)
	var reports []deploy.Report
	if err == nil {
		reports, err = deployer.Reports(ctx, model.Group.ValueString())
	}
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("look which releases servers run", err))
		return
	}
	model.fill(reports)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (m *deploymentModel) fill(reports []deploy.Report) {
	m.Servers = make([]deployedServerModel, 0, len(reports))
	m.Releases = map[string][]types.String{}
	for _, report := range reports {
		shown := deployed(report)
		m.Servers = append(m.Servers, shown)
		if release := report.Status.Release; release != "" {
			m.Releases[release] = append(m.Releases[release], shown.Name)
		}
	}
	m.Release = types.StringNull()
	for release, servers := range m.Releases {
		if len(servers) == len(reports) {
			m.Release = types.StringValue(release)
		}
	}
}

// deployed is a report as the data source shows it.
func deployed(report deploy.Report) deployedServerModel {
	status := report.Status
	shown := deployedServerModel{
		Name:       types.StringValue(report.Server),
		Group:      tf.NullIfEmpty(report.Group),
		Release:    tf.NullIfEmpty(status.Release),
		Since:      tf.NullIfEmpty(status.Since),
		Pinned:     tf.NullIfEmpty(report.Pinned),
		UnderWay:   types.BoolValue(report.UnderWay),
		Problem:    tf.NullIfEmpty(status.FailureText()),
		BootedAt:   tf.NullIfEmpty(status.Started),
		ReportedAt: tf.NullIfEmpty(status.Time),
	}
	if status.Started == "" {
		shown.Problem = types.StringNull()
		return shown
	}
	shown.OK = types.BoolValue(status.OK())
	return shown
}
