// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ datasource.DataSourceWithConfigure = (*deploymentDataSource)(nil)

type deploymentDataSource struct {
	tf.DataSourceRules

	session *session.Session
}

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
		MarkdownDescription: "The releases that servers run, as reported on Cloud Storage by the script of `gogrid_startup_script` at each server's last boot. " +
			"The data source does not query the grid, so it also lists servers that were deleted without this provider. Needs the provider's `cloud_storage` block.",
		Attributes: map[string]schema.Attribute{
			"group": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The `deploy.group` to list. Defaults to all servers, including servers without a `deploy` block.",
				Validators:          []validator.String{tf.StartupName("group")},
			},
			"release": tf.ComputedResult("Release that all listed servers run; null if they run different releases."),
			"releases": schema.MapAttribute{
				ElementType: types.ListType{ElemType: types.StringType}, Computed: true,
				MarkdownDescription: "Names of the servers, by the release that they run. Servers without a release are left out.",
			},
			"servers": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Servers, sorted by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":           tf.ComputedResult("Name of the server."),
					"group":          tf.ComputedResult("The server's `deploy.group`; null without a `deploy` block."),
					"release":        tf.ComputedResult("Release that the server runs; null if it runs none or has not reported a boot."),
					"since":          tf.ComputedResult("Time when the release was installed, in RFC 3339, according to the server's clock; null if the server does not report it."),
					"pinned_release": tf.ComputedResult("Release that the server loads at its next boot; null if it loads the release of its channel."),
					"under_way":      schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether a deploy to the server has begun and not ended. If the value is `true` while no apply is running, an apply was killed, and the next apply completes the deploy."},
					"ok":             schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all steps of the last boot succeeded; null if the server has not reported a boot."},
					"problem":        tf.ComputedResult("First problem of the last boot; null if there was none."),
					"booted_at":      tf.ComputedResult("Time when the last boot began, in RFC 3339, according to the server's clock."),
					"told_at":        tf.ComputedResult("Time of the last report, in RFC 3339, according to the server's clock."),
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
	var many *deploy.TooManyError
	if errors.As(err, &many) {
		// The files that one faulty server left must not prevent a plan.
		resp.Diagnostics.AddWarning("Could not read the servers' reports", tf.Sentence(many.Error())+" The list of servers is empty.")
		err = nil
	}
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("read which releases the servers run", err))
		return
	}
	for _, report := range reports {
		if report.Unreadable != nil {
			resp.Diagnostics.AddWarning(fmt.Sprintf("The status of server %q is unknown", report.Server), tf.Sentence(report.Unreadable.Error()))
		}
	}
	model.fill(reports)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (m *deploymentModel) fill(reports []deploy.Report) {
	m.Servers = make([]deployedServerModel, 0, len(reports))
	m.Releases = map[string][]types.String{}
	for _, report := range reports {
		shown := newDeployedServer(report)
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

// newDeployedServer converts a report for the data source.
func newDeployedServer(report deploy.Report) deployedServerModel {
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
