// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

var (
	_ datasource.DataSource                   = (*dhcpConfigDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*dhcpConfigDataSource)(nil)
)

// dhcpConfigDataSource renders texts. It calls no service, so it works without a
// configured provider.
type dhcpConfigDataSource struct{ tf.DataSourceRules }

// NewDHCPConfigDataSource returns the data source gogrid_dhcp_config.
func NewDHCPConfigDataSource() datasource.DataSource { return &dhcpConfigDataSource{} }

func (d *dhcpConfigDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dhcp_config"
}

// Values of dhcp_server.
const (
	serverDnsmasq = "dnsmasq"
	serverWindows = "windows"
	serverNone    = "none"
)

type dhcpConfigModel struct {
	Subnet    types.String `tfsdk:"subnet"`
	Interface types.String `tfsdk:"interface"`
	LeaseTime types.String `tfsdk:"lease_time"`
	Routes    types.List   `tfsdk:"routes"`
	Hosts     types.Map    `tfsdk:"hosts"`
	Server    types.String `tfsdk:"dhcp_server"`
	Dnsmasq   types.String `tfsdk:"dnsmasq"`
	Netsh     types.String `tfsdk:"netsh"`
	HostsFile types.String `tfsdk:"hosts_file"`
	HostMap   types.String `tfsdk:"host_map"`
	SHA256    types.String `tfsdk:"sha256"`
}

type dhcpHostModel struct {
	Address  types.String `tfsdk:"address"`
	PublicIP types.String `tfsdk:"public_ip"`
	MAC      types.String `tfsdk:"mac"`
}

func (d *dhcpConfigDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Renders the configuration of a DHCP server for the private network, and a host map for servers without DHCP. GoGrid has no DHCP service for private addresses.\n\n" +
			"Run the DHCP server on a small server that is always on: copy `dnsmasq` to it or, on Windows Server, run `netsh` as a script. " +
			"The DHCP server only assigns reserved addresses. It announces no router, because the default route belongs to the public adapter. " +
			"It announces other routes, such as a route to Cloud Storage, in the options 121 and 249, so that images need no routes.\n\n" +
			"GoGrid's API does not show MAC addresses. Without `mac`, dnsmasq identifies a server by the host name that the server sends. The DHCP service of Windows Server identifies servers only by MAC address.",
		Attributes: map[string]schema.Attribute{
			"subnet": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Private network in CIDR notation, for example `subnet` of a `gogrid_private_ip`.",
				Validators:          []validator.String{tf.CIDRRange()},
			},
			"interface": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Private adapter of the server that runs dnsmasq. " + tf.DefaultText(startup.DefaultLinuxAdapter),
				Validators:          []validator.String{tf.NotBlank("name")},
			},
			"lease_time": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Duration of a lease, two minutes or more. " + tf.DefaultText(startup.DefaultLease),
				Validators:          []validator.String{tf.DurationAtLeast(2*time.Minute, `a duration of two minutes or more, such as "12h"`, "is shorter than two minutes")},
			},
			"routes": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Routes that the DHCP server announces, for example to Cloud Storage.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject:        schema.NestedAttributeObject{Attributes: routeAttributes()},
			},
			"hosts": schema.MapNestedAttribute{
				Required:            true,
				MarkdownDescription: "Servers, by host name. A host name has lower-case letters, digits, and dashes between them.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"address": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "Private address, for example `address` of a `gogrid_private_ip`.",
						Validators:          []validator.String{tf.IPv4()},
					},
					"public_ip": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Public address. A server finds its entry in the host map by this address, even with another host name.",
						Validators:          []validator.String{tf.IPv4()},
					},
					"mac": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "MAC address of the private adapter, such as `00:16:3e:12:34:56`.",
					},
				}},
			},
			"dhcp_server": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "DHCP server that you run: `dnsmasq`, `windows` for the DHCP service of Windows Server, or `none` if servers use only the host map. " +
					"If it is `windows` or not set, the plan warns about hosts without `mac`, because `netsh` reserves no address for them. The value does not change the rendered texts.",
				Validators: []validator.String{tf.OneOf(serverDnsmasq, serverWindows, serverNone)},
			},
			"dnsmasq":    tf.ComputedResult("Configuration file of dnsmasq, for `/etc/dnsmasq.d/gogrid.conf`."),
			"netsh":      tf.ComputedResult("Cmd script that configures the DHCP service of Windows Server. Run it again after changes. It does not remove old reservations."),
			"hosts_file": tf.ComputedResult("Names and addresses in the form of `/etc/hosts`."),
			"host_map":   tf.ComputedResult("Host map in JSON, for `private_network.host_map` of a `gogrid_startup_script` and for `network/hosts.json` on Cloud Storage."),
			"sha256":     tf.ComputedResult("SHA-256 digest of `dnsmasq`, `netsh`, `hosts_file` and `host_map`, in lower-case hex."),
		},
	}
}

// input returns the configuration as far as it is known. Unknown and invalid values
// are zero; validators report the invalid ones.
func (m *dhcpConfigModel) input(ctx context.Context) (startup.DHCPConfig, diag.Diagnostics) {
	config := startup.DHCPConfig{Interface: m.Interface.ValueString()}
	config.Subnet, _ = netip.ParsePrefix(m.Subnet.ValueString())
	config.Lease = tf.DurationOr(m.LeaseTime, 0)
	routes, diags := knownRoutes(ctx, m.Routes)
	config.Routes = routes
	models, hostDiags := m.hosts(ctx)
	diags.Append(hostDiags...)
	hosts := map[string]startup.Host{}
	for name, model := range models {
		host := startup.Host{MAC: model.MAC.ValueString()}
		host.Address, _ = netip.ParseAddr(model.Address.ValueString())
		host.PublicIP, _ = netip.ParseAddr(model.PublicIP.ValueString())
		hosts[name] = host
	}
	config.Hosts = startup.HostsByName(hosts)
	return config, diags
}

// hosts returns the configured hosts by name. It is empty while they are unknown.
func (m *dhcpConfigModel) hosts(ctx context.Context) (map[string]dhcpHostModel, diag.Diagnostics) {
	hosts := map[string]dhcpHostModel{}
	if !tf.IsSet(m.Hosts) {
		return hosts, nil
	}
	return hosts, m.Hosts.ElementsAs(ctx, &hosts, true)
}

func (d *dhcpConfigDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	if tf.HasEmptyTexts(ctx, req.Config) {
		return
	}
	var model dhcpConfigModel
	config, ok := readInput(ctx, req.Config, &model, &resp.Diagnostics)
	if err := config.Check(); ok && err != nil {
		resp.Diagnostics.Append(startupProblems("the DHCP configuration", err)...)
	}
	resp.Diagnostics.Append(model.warnOfMissingMACs(ctx)...)
}

// warnOfMissingMACs warns about hosts without a MAC address, which the DHCP
// service of Windows Server would not serve.
func (m *dhcpConfigModel) warnOfMissingMACs(ctx context.Context) diag.Diagnostics {
	if m.Server.IsUnknown() || m.Server.ValueString() == serverDnsmasq || m.Server.ValueString() == serverNone {
		return nil
	}
	hosts, diags := m.hosts(ctx)
	var missing []string
	for name, host := range hosts {
		if host.MAC.IsNull() {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return diags
	}
	slices.Sort(missing)
	detail := fmt.Sprintf("The DHCP service of Windows Server identifies servers only by MAC address, so netsh reserves no address for %s. Set mac for each of them", strings.Join(missing, ", "))
	if m.Server.IsNull() {
		detail += `; or set dhcp_server to "dnsmasq", which identifies servers by name, or to "none" if servers use only the host map`
	}
	diags.AddAttributeWarning(path.Root("hosts"), "Hosts without a MAC address", detail+". GoGrid's API does not show MAC addresses: read them on the servers.")
	return diags
}

func (d *dhcpConfigDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dhcpConfigModel
	config, ok := readInput(ctx, req.Config, &model, &resp.Diagnostics)
	if !ok {
		return
	}
	rendered, err := startup.RenderDHCP(config)
	if err != nil {
		resp.Diagnostics.Append(startupProblems("the DHCP configuration", err)...)
		return
	}
	model.Dnsmasq, model.Netsh = types.StringValue(rendered.Dnsmasq), types.StringValue(rendered.Netsh)
	model.HostsFile, model.HostMap = types.StringValue(rendered.HostsFile), types.StringValue(rendered.HostMap)
	sum := sha256.Sum256([]byte(rendered.Dnsmasq + rendered.Netsh + rendered.HostsFile + rendered.HostMap))
	model.SHA256 = types.StringValue(hex.EncodeToString(sum[:]))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
