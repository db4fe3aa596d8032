// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

type providerModel struct {
	APIKey               types.String  `tfsdk:"api_key"`
	SharedSecret         types.String  `tfsdk:"shared_secret"`
	Endpoint             types.String  `tfsdk:"endpoint"`
	Datacenter           types.String  `tfsdk:"datacenter"`
	Deployment           types.String  `tfsdk:"deployment"`
	MaxRequestsPerSecond types.Float64 `tfsdk:"max_requests_per_second"`
	RequestTimeout       types.String  `tfsdk:"request_timeout"`
	MaxRetries           types.Int64   `tfsdk:"max_retries"`
	PollInterval         types.String  `tfsdk:"poll_interval"`
	CAFile               types.String  `tfsdk:"ca_certificate_file"`
	CloudStorage         types.Object  `tfsdk:"cloud_storage"`
}

// defaultPollInterval is how often the grid is asked while something is
// waited for that takes minutes.
const defaultPollInterval = 10 * time.Second

// unknown names the attributes whose values are not known yet.
func (m providerModel) unknown() []string {
	var names []string
	for _, attribute := range []struct {
		name  string
		value attr.Value
	}{
		{"api_key", m.APIKey},
		{"shared_secret", m.SharedSecret},
		{"endpoint", m.Endpoint},
		{"datacenter", m.Datacenter},
		{"deployment", m.Deployment},
		{"max_requests_per_second", m.MaxRequestsPerSecond},
		{"request_timeout", m.RequestTimeout},
		{"max_retries", m.MaxRetries},
		{"poll_interval", m.PollInterval},
		{"ca_certificate_file", m.CAFile},
	} {
		if attribute.value.IsUnknown() {
			names = append(names, attribute.name)
		}
	}
	return names
}

// Configure makes the session that all resources share. A value that is not
// known yet (a key made in the same apply) is no error: refreshing then keeps
// what the state has and plan-time checks wait until the value is known.
func (p *gogridProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := &session.Session{
		Rollouts:   &session.Rollouts{},
		Deployment: model.Deployment.ValueString(),
		Datacenter: model.Datacenter.ValueString(),
		Clock:      p.clock,
		Limit:      p.limit,
		Destroys:   p.destroys,
		Poll:       defaultPollInterval,
		Guests:     session.ReadGuestAccess(p.getenv, &resp.Diagnostics),
		Unknown:    model.unknown(),
		Storage:    session.ReadCloudStorage(ctx, model.CloudStorage, p.getenv, p.clock.Now(), &resp.Diagnostics),
	}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData = s, s, s
	if !s.Configured() || resp.Diagnostics.HasError() {
		return
	}
	p.connect(ctx, model, s, req.TerraformVersion, &resp.Diagnostics)
}

// connect completes a session: the client, the pool of addresses, and one
// call that tells whether the key is good and what its role allows.
func (p *gogridProvider) connect(ctx context.Context, model providerModel, s *session.Session, terraform string, diags *diag.Diagnostics) {
	key := p.required(model.APIKey, "api_key", "GOGRID_API_KEY", diags)
	secret := p.required(model.SharedSecret, "shared_secret", "GOGRID_SHARED_SECRET", diags)
	settings := p.settings(model, s, terraform, diags)
	if diags.HasError() {
		return
	}
	grid, err := client.New(key, secret, settings...)
	if err != nil {
		diags.Append(tf.AttributeFailure(path.Root("endpoint"), "use the provider's configuration", err))
		return
	}
	s.Connect(grid)
	probeKey(ctx, s, diags)
	if s.Datacenter != "" && !diags.HasError() {
		diags.Append(machine.CheckOption(ctx, s, path.Root("datacenter"), client.LookupDatacenter, s.Datacenter)...)
	}
}

// probeKey makes the cheapest call that only a key with the right to change the
// grid may make. A grid that cannot be reached now is not the configuration's
// fault; what needs it will say so.
func probeKey(ctx context.Context, s *session.Session, diags *diag.Diagnostics) {
	_, err := s.Client.Jobs.List(ctx, client.JobFilter{Limit: 1})
	switch {
	case err == nil:
	case client.IsDenied(err):
		s.ReadOnly = true
	case client.IsCertificateError(err):
		diags.Append(tf.AttributeFailure(path.Root("ca_certificate_file"), "trust the endpoint", err))
	case client.IsUnauthenticated(err):
		diags.Append(tf.AttributeFailure(path.Root("shared_secret"), "sign in to GoGrid", err))
	default:
		tflog.Warn(ctx, "could not find out what the API key may do", map[string]any{"error": err.Error()})
	}
}

func (p *gogridProvider) required(value types.String, attribute, variable string, diags *diag.Diagnostics) string {
	text := p.or(value, variable)
	if text == "" {
		diags.AddAttributeError(path.Root(attribute), "Missing "+attribute,
			fmt.Sprintf("Set %s in the provider block, or the environment variable %s.", attribute, variable))
	}
	return text
}

// or is the value of an attribute or, where it is not set, of an environment
// variable.
func (p *gogridProvider) or(value types.String, variable string) string {
	if !value.IsNull() {
		return value.ValueString()
	}
	return p.getenv(variable)
}

func (p *gogridProvider) settings(model providerModel, s *session.Session, terraform string, diags *diag.Diagnostics) []client.Setting {
	settings := []client.Setting{
		client.WithClock(p.clock),
		client.WithUserAgent(fmt.Sprintf("terraform-provider-gogrid/%s (Terraform %s)", p.version, terraform)),
		client.WithLog(logCall),
	}
	if endpoint := p.or(model.Endpoint, "GOGRID_ENDPOINT"); endpoint != "" {
		settings = append(settings, client.WithEndpoint(endpoint))
	}
	if !model.MaxRequestsPerSecond.IsNull() {
		settings = append(settings, client.WithMaxRequestsPerSecond(model.MaxRequestsPerSecond.ValueFloat64()))
	}
	if !model.MaxRetries.IsNull() {
		settings = append(settings, client.WithMaxRetries(int(model.MaxRetries.ValueInt64())))
	}
	if timeout, ok := duration(model.RequestTimeout.ValueString(), "request_timeout", diags); ok {
		settings = append(settings, client.WithRequestTimeout(timeout))
	}
	if interval, ok := duration(p.or(model.PollInterval, "GOGRID_POLL_INTERVAL"), "poll_interval", diags); ok {
		s.Poll = interval
		settings = append(settings, client.WithPollInterval(interval))
	}
	if file := p.or(model.CAFile, "GOGRID_CA_CERTIFICATE_FILE"); file != "" {
		pool, err := client.CACertificates(file)
		if err != nil {
			diags.Append(tf.AttributeFailure(path.Root("ca_certificate_file"), "use the certificate authorities of ca_certificate_file or GOGRID_CA_CERTIFICATE_FILE", err))
			return settings
		}
		settings = append(settings, client.WithCACertificates(pool))
	}
	return settings
}

// duration parses an optional duration; the environment's values have not
// passed a validator.
func duration(text, attribute string, diags *diag.Diagnostics) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	d, err := tf.ParseDuration(text)
	if err != nil {
		diags.AddAttributeError(path.Root(attribute), "Invalid "+attribute, tf.Sentence(err.Error()))
		return 0, false
	}
	return d, true
}

// logCall writes what the client tells of a call, redacted already, to the
// provider's log.
func logCall(ctx context.Context, message string, fields map[string]any) {
	tflog.Debug(ctx, message, fields)
}
