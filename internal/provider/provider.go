// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is everything that knows Terraform: the provider's
// configuration, its resources, data sources and ephemeral resources.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/cloudstorage"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/image"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/privateip"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/release"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/server"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var (
	_ provider.Provider                       = (*gogridProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*gogridProvider)(nil)
)

type gogridProvider struct {
	version  string
	clock    clockwork.Clock
	getenv   func(string) string
	limit    session.LimitFunc
	destroys bool
}

// New returns the constructor of a provider of the given version that reads
// its defaults from an environment and tells the time by a clock.
func New(version string, getenv func(string) string, clock clockwork.Clock, settings ...Setting) func() provider.Provider {
	return func() provider.Provider {
		p := &gogridProvider{version: version, getenv: getenv, clock: clock, limit: context.WithTimeout}
		for _, set := range settings {
			set(p)
		}
		return p
	}
}

// Setting changes how a provider works.
type Setting func(*gogridProvider)

// Destroying says whether the engine runs a command that only destroys. Checks
// of objects to be made do not stop it then.
func Destroying(destroys bool) Setting { return func(p *gogridProvider) { p.destroys = destroys } }

// WithLimits lets tests decide when a time limit has passed.
func WithLimits(limit session.LimitFunc) Setting { return func(p *gogridProvider) { p.limit = limit } }

func (p *gogridProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "gogrid"
	resp.Version = p.version
}

func (p *gogridProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sandboxes, MyGSI images, servers, private addresses and Cloud Storage of a GoGrid account as Terraform resources.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "API key of the account, made in GoGrid's portal under *My Account, API Keys*; a simulated grid prints one when it starts. Its role decides what it may do: " +
					"planning needs any role, changes need *System User* or *Super User*. May also be set by `GOGRID_API_KEY`.",
			},
			"shared_secret": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "Shared secret that was chosen for the API key. It signs every call and is never sent. May also be set by `GOGRID_SHARED_SECRET`.",
			},
			"endpoint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Base URL of the API. Defaults to `https://api.gogrid.com/api`. Must be `https`, unless the host is a loopback address, as a simulated grid's is. " +
					"May also be set by `GOGRID_ENDPOINT`.",
			},
			"datacenter": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Datacenter of new objects that name none, by name or id, for example `US-West-1`. An address decides the datacenter of what is made with it.",
			},
			"deployment": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of this deployment, at most 60 letters, digits, dots, dashes and underscores. When set, the provider tags what it creates by ending the description on GoGrid with ` [deployment/<name>]`, " +
					"and an apply that follows an interrupted one takes over what that one left instead of making it again. Names of servers must then be unique within the deployment. " +
					"Use a different name for each state. A changed name updates the tags in place.",
				Validators: []validator.String{stringvalidator.RegexMatches(tf.DeploymentName, "must be 1 to 60 letters, digits, dots, dashes or underscores, and start with a letter or digit")},
			},
			"max_requests_per_second": schema.Float64Attribute{
				Optional:            true,
				MarkdownDescription: "Upper limit of calls per second over all resources. No limit by default.",
				Validators:          []validator.Float64{float64validator.AtLeast(0.01)},
			},
			"request_timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long one try of a call may take, as a duration such as `30s`. Defaults to `60s`.",
				Validators:          []validator.String{tf.PositiveDuration()},
			},
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "How often a call is repeated after a failure that may pass. Defaults to `4`. " +
					"A call that changes something is only repeated when it surely was not carried out.",
				Validators: []validator.Int64{int64validator.Between(0, 20)},
			},
			"poll_interval": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How often the grid is asked whether something is finished, as a duration such as `10s`, the default. " +
					"All waits of an apply share one question. May also be set by `GOGRID_POLL_INTERVAL`.",
				Validators: []validator.String{tf.PositiveDuration()},
			},
			"ca_certificate_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of a PEM file with certificate authorities that may sign the certificate of the endpoint, in addition to the system's. " +
					"May also be set by `GOGRID_CA_CERTIFICATE_FILE`.",
			},
		},
		Blocks: map[string]schema.Block{"cloud_storage": session.CloudStorageBlock()},
	}
}

func (p *gogridProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		server.NewServerResource,
		server.NewSandboxResource,
		image.NewMyGSIImageResource,
		privateip.NewPrivateIPResource,
		cloudstorage.NewStorageObjectResource,
		cloudstorage.NewStorageChannelResource,
	}
}

func (p *gogridProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		release.NewBootstrapArchiveDataSource(p.clock),
		rollout.NewDeploymentDataSource,
		release.NewDHCPConfigDataSource,
		image.NewImageDataSource,
		image.NewImagesDataSource,
		privateip.NewIPsDataSource,
		leftovers.NewLeftoversDataSource,
		release.NewStartupScriptDataSource,
		cloudstorage.NewStorageObjectsDataSource,
	}
}

func (p *gogridProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		server.NewServerPasswordEphemeralResource,
		cloudstorage.NewStorageCredentialsEphemeralResource,
	}
}
