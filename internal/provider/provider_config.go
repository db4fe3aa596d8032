// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"
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

// providerModel is the provider block.
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

// defaultPollInterval is the interval between two checks whether a change on the grid
// has finished. Such changes take minutes.
const defaultPollInterval = 10 * time.Second

// unknown returns the names of the attributes with unknown values. The cloud_storage
// block has a list of its own: see session.CloudStorage.
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

// Configure creates the session that all resources share. An unknown value, such as a
// key that the same apply creates, is not an error: a refresh then keeps the state,
// and checks at plan time are skipped until the value is known.
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
		Guests:     session.ReadGuestAccess(p.env, &resp.Diagnostics),
		Unknown:    model.unknown(),
		Storage:    session.ReadCloudStorage(ctx, model.CloudStorage, p.env, p.clock.Now(), &resp.Diagnostics),
	}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData = s, s, s
	if !s.Configured() || resp.Diagnostics.HasError() {
		return
	}
	p.connect(ctx, model, s, req.TerraformVersion, &resp.Diagnostics)
}

// connect completes a session with the client and the pool of addresses. One call
// checks the key and its role.
func (p *gogridProvider) connect(ctx context.Context, model providerModel, s *session.Session, terraform string, diags *diag.Diagnostics) {
	key := p.required(model.APIKey, "api_key", "GOGRID_API_KEY", diags)
	secret := p.required(model.SharedSecret, "shared_secret", "GOGRID_SHARED_SECRET", diags)
	settings := p.settings(ctx, model, s, terraform, diags)
	if diags.HasError() {
		return
	}
	grid, err := client.New(key, secret, settings...)
	if err != nil {
		diags.Append(tf.AttributeFailure(path.Root("endpoint"), "use the provider's configuration", err))
		return
	}
	s.Connect(grid)
	diags.Append(s.Contact(ctx, p.endpointSource(model))...)
	if s.Datacenter != "" && !diags.HasError() {
		diags.Append(tf.Diagnostics(machine.CheckOption(ctx, s, path.Root("datacenter"), client.LookupDatacenter, s.Datacenter))...)
	}
}

// endpointSource returns the sentence that says where the endpoint was set.
func (p *gogridProvider) endpointSource(model providerModel) string {
	switch {
	case !model.Endpoint.IsNull():
		return "The URL comes from endpoint in the provider block."
	case p.env("GOGRID_ENDPOINT") != "":
		return "The URL comes from the environment variable GOGRID_ENDPOINT."
	default:
		return "The URL is the default, because neither endpoint in the provider block nor the environment variable GOGRID_ENDPOINT is set."
	}
}

// required returns the value of an attribute or its environment variable, and an
// error if neither is set.
func (p *gogridProvider) required(value types.String, attribute, variable string, diags *diag.Diagnostics) string {
	text := p.trimmed(value, attribute, variable, diags)
	if text == "" {
		diags.AddAttributeError(path.Root(attribute), "Missing "+attribute,
			fmt.Sprintf("Set %s in the provider block, or the environment variable %s.", attribute, variable))
	}
	return text
}

// valueOr returns the value of an attribute or, if the attribute is null, of an
// environment variable.
func (p *gogridProvider) valueOr(value types.String, variable string) string {
	if !value.IsNull() {
		return value.ValueString()
	}
	return p.env(variable)
}

// env returns the value of an environment variable. A variable that is empty or holds
// only white space counts as unset.
func (p *gogridProvider) env(variable string) string {
	text := p.getenv(variable)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// trimmed is valueOr without the white space around the value, which a warning
// reports.
func (p *gogridProvider) trimmed(value types.String, attribute, variable string, diags *diag.Diagnostics) string {
	source := attribute
	if value.IsNull() {
		source = variable
	}
	text, warnings := tf.TrimSpace(path.Root(attribute), source, p.valueOr(value, variable))
	diags.Append(warnings...)
	return text
}

// settings returns the settings of the client. It also sets the poll interval of the
// session.
func (p *gogridProvider) settings(ctx context.Context, model providerModel, s *session.Session, terraform string, diags *diag.Diagnostics) []client.Setting {
	settings := []client.Setting{
		client.WithClock(p.clock),
		client.WithUserAgent(fmt.Sprintf("terraform-provider-gogrid/%s (Terraform %s)", p.version, terraform)),
		client.WithLog(logCall),
	}
	if endpoint := p.trimmed(model.Endpoint, "endpoint", "GOGRID_ENDPOINT", diags); endpoint != "" {
		settings = append(settings, client.WithEndpoint(endpoint))
	}
	if !model.MaxRequestsPerSecond.IsNull() {
		settings = append(settings, client.WithMaxRequestsPerSecond(model.MaxRequestsPerSecond.ValueFloat64()))
	}
	if !model.MaxRetries.IsNull() {
		settings = append(settings, client.WithMaxRetries(int(model.MaxRetries.ValueInt64())))
	}
	if timeout, ok := tf.ReadDuration(path.Root("request_timeout"), model.RequestTimeout.ValueString(), diags); ok {
		settings = append(settings, client.WithRequestTimeout(timeout))
	}
	if interval, ok := tf.ReadDuration(path.Root("poll_interval"), p.valueOr(model.PollInterval, "GOGRID_POLL_INTERVAL"), diags); ok {
		s.Poll = interval
		settings = append(settings, client.WithPollInterval(interval))
	}
	if file := p.valueOr(model.CAFile, "GOGRID_CA_CERTIFICATE_FILE"); file != "" {
		pool, err := client.CACertificates(ctx, file)
		if err != nil {
			diags.Append(tf.AttributeFailure(path.Root("ca_certificate_file"), "use the certificate authorities of ca_certificate_file or GOGRID_CA_CERTIFICATE_FILE", err))
			return settings
		}
		settings = append(settings, client.WithCACertificates(pool))
	}
	return settings
}

// logCall writes a message of the client about a call to the provider's log. The
// client has removed secrets from the fields.
func logCall(ctx context.Context, message string, fields map[string]any) {
	tflog.Debug(ctx, message, fields)
}
