// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ datasource.DataSourceWithConfigure = (*leftoversDataSource)(nil)

type leftoversDataSource struct{ session *session.Session }

// NewLeftoversDataSource returns the data source gogrid_leftovers.
func NewLeftoversDataSource() datasource.DataSource { return &leftoversDataSource{} }

func (d *leftoversDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_leftovers"
}

func (d *leftoversDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Objects that carry the tag of a deployment and that no resource stands for, such as what a killed apply left: servers, sandboxes and verification servers " +
			"of unfinished builds, images, and with the provider's `cloud_storage` block leases of private addresses and pins of servers. " +
			"With a `check` block, every plan that has nothing else to do names them, with the commands that keep or remove them.\n\n" +
			"List all resources in `accounted_for`. If one of them is about to change, Terraform reads the data source during the apply. " +
			"The provider then cannot tell which objects the apply still deletes, so it lists servers and sandboxes of unfinished builds alone, " +
			"`complete` is `false`, and the next plan lists the rest.\n\n" +
			"Declare the data source outside of the `check` block: Terraform reads a data source inside the block in every apply, so no plan would be empty.",
		Attributes: map[string]schema.Attribute{
			"deployment": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the deployment. Defaults to the provider's `deployment`.",
				Validators:          []validator.String{stringvalidator.RegexMatches(tf.DeploymentName, "must be 1 to 60 letters, digits, dots, dashes or underscores, and start with a letter or digit")},
			},
			"accounted_for": schema.DynamicAttribute{
				Optional: true,
				MarkdownDescription: "Objects that are no leftovers: all servers, sandboxes, images and private addresses of the configuration. " +
					"A resource, an id, an address, or any list or map of them, for example `[gogrid_private_ip.web, gogrid_server.web]`. " +
					"Resources of other provider blocks with the same `deployment` belong here too. " +
					"Without it only servers and sandboxes of unfinished builds are listed.",
			},
			"objects": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The leftovers: servers and sandboxes, then images, leases and pins.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"kind":        tf.ComputedResult("`server`, `sandbox`, `image`, `lease` or `pin`."),
					"id":          tf.ComputedResult("Id of the object; null for a file, and for a server that GoGrid is still making."),
					"name":        tf.ComputedResult("Name of a server, friendly name of an image, label of a lease, or name of the server that a pin is for."),
					"address":     tf.ComputedResult("Public address of a server, or private address of a lease; null for others."),
					"path":        tf.ComputedResult("File on Cloud Storage; null for an object of the grid."),
					"what":        tf.ComputedResult("What the object is, for example `the sandbox of an unfinished build`."),
					"description": tf.ComputedResult("Description of the object, without the tag."),
					"since":       tf.ComputedResult("When the object was made, RFC 3339; null if that is not known."),
					"commands": schema.ListAttribute{
						ElementType: types.StringType, Computed: true,
						MarkdownDescription: "Commands that keep the object (`terraform import`, if a resource can stand for it) or show all leftovers and remove them.",
					},
				}},
			},
			"summary": tf.ComputedResult("Text that names every object and the commands, for `error_message`."),
			"complete": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether `objects` holds all leftovers. It is `false` without `accounted_for`, during an apply, and while Cloud Storage cannot be read. An object in the list is a leftover in either case.",
			},
		},
	}
}

func (d *leftoversDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = session.From(req.ProviderData, &resp.Diagnostics)
}

func (d *leftoversDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model leftoversModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !d.session.Configured() {
		resp.Diagnostics.Append(d.session.NotKnown("look for leftovers"))
		return
	}
	search := leftoverSearch{session: d.session, deployment: model.Deployment.ValueString()}
	if search.deployment == "" {
		search.deployment = d.session.Deployment
	}
	if search.deployment == "" {
		resp.Diagnostics.AddAttributeError(path.Root("deployment"), "Missing deployment",
			"Leftovers are found by the tag of a deployment. Set deployment in the provider block, or here.")
		return
	}
	known, err := accountedFor(model.AccountedFor)
	if err != nil {
		resp.Diagnostics.Append(tf.AttributeFailure(path.Root("accounted_for"), "read what is accounted for", err))
		return
	}
	search.all = !model.AccountedFor.IsNull() && search.knowsResources(known)
	found, err := search.find(ctx, known)
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("look for leftovers of deployment "+search.deployment, err))
		return
	}
	resp.Diagnostics.Append(model.fill(ctx, search.deployment, found)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// leftoverSearch looks for the leftovers of one deployment.
type leftoverSearch struct {
	session    *session.Session
	deployment string
	// all reports whether all resources are known, and none is being deleted.
	all bool
}

// knowsResources reports whether this process knows what resources stand for: no
// change has begun, and the read comes after resources or is about a deployment
// without resources here. Nothing orders a read with an empty accounted_for.
func (l leftoverSearch) knowsResources(known *leftovers.Known) bool {
	s := l.session
	return !s.Phase.IsApply() && (!known.Empty() || s.Phase.HasRefreshed() || l.deployment != s.Deployment)
}

// foundLeftovers is the result of a search.
type foundLeftovers struct {
	findings []leftovers.Finding
	// all reports whether every leftover of the grid is among them.
	all bool
	// storage is why Cloud Storage could not be read; nil if it was, or need not be.
	storage error
}

// find searches the grid and Cloud Storage. Unless all resources are known it
// returns only servers and sandboxes of builds, which no resource ever stands for.
func (l leftoverSearch) find(ctx context.Context, known *leftovers.Known) (foundLeftovers, error) {
	s := l.session
	found := foundLeftovers{all: l.all}
	finder := leftovers.Finder{Client: s.Client, Deployment: l.deployment, Accounted: sessionResources{known, s}}
	findings, err := finder.Grid(ctx)
	if err != nil {
		return found, err
	}
	if !found.all {
		for _, finding := range findings {
			if finding.Unmanaged() {
				found.findings = append(found.findings, finding)
			}
		}
		return found, nil
	}
	found.findings = slices.DeleteFunc(findings, func(found leftovers.Finding) bool { return hasSeenFinding(s, found) })
	if !s.Storage.Set {
		return found, nil
	}
	store, err := s.OpenStorage(ctx)
	if err != nil {
		found.storage = err
		return found, nil
	}
	finder.Share = store
	files, err := finder.Files(ctx)
	found.findings, found.storage = append(found.findings, files...), err
	return found, nil
}
