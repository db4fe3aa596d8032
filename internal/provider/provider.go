// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is the entry point of the Terraform provider. It reads the
// provider's configuration and lists the resources, data sources and ephemeral
// resources, which the packages below it implement.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
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
	_ provider.ProviderWithConfigValidators   = (*gogridProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*gogridProvider)(nil)
)

type gogridProvider struct {
	version  string
	clock    clockwork.Clock
	getenv   func(string) string
	limit    session.LimitFunc
	destroys bool
}

// New returns the constructor of a provider. getenv reads the environment
// variables that replace attributes without a value.
func New(version string, getenv func(string) string, clock clockwork.Clock, settings ...Setting) func() provider.Provider {
	return func() provider.Provider {
		p := &gogridProvider{version: version, getenv: getenv, clock: clock, limit: context.WithTimeout}
		for _, set := range settings {
			set(p)
		}
		return p
	}
}

// NewServer returns the constructor of a server for New's provider. Its diagnostics
// hold only visible characters; see [tf.FilterDiagnostics].
func NewServer(version string, getenv func(string) string, clock clockwork.Clock, settings ...Setting) func() tfprotov6.ProviderServer {
	create := New(version, getenv, clock, settings...)
	return func() tfprotov6.ProviderServer { return tf.FilterDiagnostics(providerserver.NewProtocol6(create())()) }
}

// Setting is an option of New and NewServer.
type Setting func(*gogridProvider)

// Destroying sets whether Terraform runs a command that only destroys. Failed
// checks of objects to be created do not stop such a command.
func Destroying(destroys bool) Setting { return func(p *gogridProvider) { p.destroys = destroys } }

// WithLimits replaces context.WithTimeout, so that a test decides when a time limit
// has passed.
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
				MarkdownDescription: "API key of the account. Create one in the GoGrid portal under *My Account, API Keys*; a simulated grid prints a key when it starts. " +
					"Plans work with every role of a key; changes need *System User* or *Super User*. Can also be set with the environment variable `GOGRID_API_KEY`.",
			},
			"shared_secret": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "Shared secret of the API key. The provider signs every call with the secret and never sends it. Can also be set with the environment variable `GOGRID_SHARED_SECRET`.",
			},
			"endpoint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Base URL of the API. " + tf.DefaultText(client.DefaultEndpoint) + " The scheme must be `https`, unless the host is a loopback address, such as the address of a simulated grid. " +
					"Can also be set with the environment variable `GOGRID_ENDPOINT`.",
			},
			"datacenter": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Default datacenter of new objects, by name or id, for example `US-West-1`. An object that names an address is created in the datacenter of that address.",
			},
			"deployment": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of this deployment: 1 to 60 letters, digits, dots, dashes and underscores. If set, the provider tags the objects that it creates: their description on GoGrid ends with ` [deployment/<name>]`. " +
					"The next apply after an interrupted one then takes over tagged objects instead of creating them twice. Names of servers must be unique within the deployment. " +
					"Use a different name for each state. A new name replaces the tags in place.",
				Validators: []validator.String{tf.Deployment()},
			},
			"max_requests_per_second": schema.Float64Attribute{
				Optional:            true,
				MarkdownDescription: "Maximum number of API calls per second, across all resources. Unlimited if not set.",
				Validators:          []validator.Float64{float64validator.AtLeast(0.01)},
			},
			"request_timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Maximum time of one attempt of a call, as a duration such as `30s`. " + tf.DefaultText(client.DefaultRequestTimeout),
				Validators:          []validator.String{tf.PositiveDuration()},
			},
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Maximum number of retries of a call after a temporary failure, from 0 to 20. " + tf.DefaultText(client.DefaultMaxRetries) +
					" A call that changes an object is only retried if GoGrid certainly did not execute it.",
				Validators: []validator.Int64{int64validator.Between(0, 20)},
			},
			"poll_interval": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Interval at which the provider checks whether a change on the grid has finished, as a duration. " + tf.DefaultText(defaultPollInterval) +
					" All resources of an apply share these checks. Can also be set with the environment variable `GOGRID_POLL_INTERVAL`.",
				Validators: []validator.String{tf.PositiveDuration()},
			},
			"ca_certificate_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of a PEM file, at most 16 MiB, with certificate authorities that the provider trusts for the endpoint, in addition to the authorities of the system. " +
					"Can also be set with the environment variable `GOGRID_CA_CERTIFICATE_FILE`.",
			},
		},
		Blocks: map[string]schema.Block{"cloud_storage": session.CloudStorageBlock()},
	}
}

// ConfigValidators implements provider.ProviderWithConfigValidators.
func (p *gogridProvider) ConfigValidators(context.Context) []provider.ConfigValidator {
	return []provider.ConfigValidator{tf.NoEmptyTexts{}}
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
