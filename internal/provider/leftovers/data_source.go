// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"context"
	"slices"

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

type leftoversDataSource struct {
	tf.DataSourceRules

	session *session.Session
}

// NewLeftoversDataSource returns the data source gogrid_leftovers.
func NewLeftoversDataSource() datasource.DataSource { return &leftoversDataSource{} }

func (d *leftoversDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_leftovers"
}

func (d *leftoversDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Leftovers of a deployment: objects that carry its tag and that no resource manages, for example after a killed apply. They are servers, images, sandboxes and " +
			"verification servers of unfinished builds, and with the provider's `cloud_storage` block also leases of private addresses and pins of servers. " +
			"With a `check` block, every plan without other changes names the leftovers, with the commands that keep or remove them.\n\n" +
			"List all resources in `accounted_for`. If one of them is about to change, Terraform reads the data source during the apply. " +
			"The provider then does not know which objects the apply still deletes. It lists only servers and sandboxes of unfinished builds, " +
			"`complete` is `false`, and the next plan lists the rest.\n\n" +
			"Declare the data source outside of the `check` block. Terraform reads a data source inside the block in every apply, so no plan would be empty.",
		Attributes: map[string]schema.Attribute{
			"deployment": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the deployment. Defaults to the provider's `deployment`.",
				Validators:          []validator.String{tf.Deployment()},
			},
			"accounted_for": schema.DynamicAttribute{
				Optional: true,
				MarkdownDescription: "Objects that are not leftovers: all servers, sandboxes, images and private addresses of the configuration. " +
					"The value is a resource, an id, an address, or any list or map of them, for example `[gogrid_private_ip.web, gogrid_server.web]`. " +
					"Plan and state repeat the value: with many resources, list ids of servers and images and addresses of private addresses, such as `[gogrid_server.web[*].id]`. " +
					"Include resources of other provider blocks with the same `deployment`. " +
					"If it is not set, `objects` lists only servers and sandboxes of unfinished builds.",
			},
			"objects": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Leftovers: servers and sandboxes, then images, leases and pins.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"kind":        tf.ComputedResult("Kind of the object: `server`, `sandbox`, `image`, `lease` or `pin`."),
					"id":          tf.ComputedResult("Id of the object; null for a file, and for a server that GoGrid is still creating."),
					"name":        tf.ComputedResult("Name of a server, friendly name of an image, label of a lease, or name of the server that a pin is for."),
					"address":     tf.ComputedResult("Public address of a server, or private address of a lease; null for other objects."),
					"path":        tf.ComputedResult("Path of the file on Cloud Storage; null for an object of the grid."),
					"what":        tf.ComputedResult("Role of the object, for example `the sandbox of an unfinished build`."),
					"description": tf.ComputedResult("Description of the object, without the tag."),
					"since":       tf.ComputedResult("Time at which the object was created, RFC 3339; null if it is not known."),
					"commands": schema.ListAttribute{
						ElementType: types.StringType, Computed: true,
						MarkdownDescription: "Commands for the object: `terraform import` keeps it, if a resource can manage it; `sweep` shows all leftovers and removes them.",
					},
				}},
			},
			"summary": tf.ComputedResult("Text for `error_message` that names every object and the commands that keep or remove it."),
			"complete": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether `objects` holds all leftovers. It is `false` without `accounted_for`, during an apply, and while Cloud Storage cannot be read. Objects in the list are leftovers in any case.",
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
			"The provider finds leftovers by the tag of a deployment. Set deployment in the provider block or in the data source.")
		return
	}
	// Collect the objects that resources manage.
	known, err := accountedFor(model.AccountedFor)
	if err != nil {
		resp.Diagnostics.Append(tf.AttributeFailure(path.Root("accounted_for"), "read accounted_for", err))
		return
	}
	// Search, and list all leftovers only if all resources are known.
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
	// all is true if all resources are known and no apply has begun.
	all bool
}

// knowsResources reports whether this process knows all managed objects. The
// apply must not have begun, and Terraform must have refreshed the resources
// before this read. A nonempty accounted_for ensures that order. The order does
// not matter if the search is for a deployment other than the provider's.
func (l leftoverSearch) knowsResources(known *leftovers.Known) bool {
	s := l.session
	return !s.Phase.IsApply() && (!known.Empty() || s.Phase.HasRefreshed() || l.deployment != s.Deployment)
}

// foundLeftovers is the result of a search.
type foundLeftovers struct {
	findings []leftovers.Finding
	// all is true if findings holds every leftover on the grid.
	all bool
	// storage is the error of reading Cloud Storage; nil if it succeeded or was not
	// necessary.
	storage error
}

// find searches the grid and Cloud Storage. If some resources are unknown, it
// returns only the servers and sandboxes of builds, because no resource ever
// manages those.
func (l leftoverSearch) find(ctx context.Context, known *leftovers.Known) (foundLeftovers, error) {
	s := l.session
	found := foundLeftovers{all: l.all}
	finder := leftovers.Finder{Client: s.Client, Deployment: l.deployment, Accounted: sessionResources{known, s}}
	findings, err := finder.Grid(ctx)
	if err != nil {
		return found, err
	}
	// If some resources are unknown, keep only objects that no resource ever
	// manages.
	if !found.all {
		for _, finding := range findings {
			if finding.Unmanaged() {
				found.findings = append(found.findings, finding)
			}
		}
		return found, nil
	}
	// Drop objects that Terraform refreshed during the search.
	found.findings = slices.DeleteFunc(findings, func(found leftovers.Finding) bool { return hasSeenFinding(s, found) })
	if !s.Storage.Set {
		return found, nil
	}
	// Add leases and pins. The summary reports a failure to read them.
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
