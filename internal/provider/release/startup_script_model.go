// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// startupScriptModel holds the configuration and the result of gogrid_startup_script.
type startupScriptModel struct {
	OS              types.String `tfsdk:"os"`
	Channel         types.String `tfsdk:"channel"`
	PrivateNetwork  types.Object `tfsdk:"private_network"`
	CloudStorage    types.Object `tfsdk:"cloud_storage"`
	Certificates    types.List   `tfsdk:"certificates"`
	Extra           types.String `tfsdk:"extra"`
	ScriptPath      types.String `tfsdk:"script_path"`
	InstallerPath   types.String `tfsdk:"installer_path"`
	ScheduleCommand types.String `tfsdk:"schedule_command"`
	Files           types.List   `tfsdk:"files"`
	SHA256          types.String `tfsdk:"sha256"`
}

type privateNetworkModel struct {
	Adapter            types.String `tfsdk:"adapter"`
	Mode               types.String `tfsdk:"mode"`
	Routes             types.List   `tfsdk:"routes"`
	HostMap            types.String `tfsdk:"host_map"`
	ProvisionalAddress types.String `tfsdk:"provisional_address"`
}

type startupStorageModel struct {
	Host         types.String `tfsdk:"host"`
	Share        types.String `tfsdk:"share"`
	Username     types.String `tfsdk:"username"`
	PasswordFile types.String `tfsdk:"password_file"`
	DriveLetter  types.String `tfsdk:"drive_letter"`
	MountPoint   types.String `tfsdk:"mount_point"`
}

// input returns the known part of the configuration. Unknown values are empty.
func (m *startupScriptModel) input(ctx context.Context) (startup.Config, diag.Diagnostics) {
	config := startup.Config{OS: startup.OS(m.OS.ValueString()), Channel: m.Channel.ValueString(), Extra: m.Extra.ValueString()}
	var diags diag.Diagnostics
	if tf.IsSet(m.PrivateNetwork) {
		var network privateNetworkModel
		diags.Append(m.PrivateNetwork.As(ctx, &network, basetypes.ObjectAsOptions{})...)
		diags.Append(network.check()...)
		routes, routeDiags := knownRoutes(ctx, network.Routes)
		diags.Append(routeDiags...)
		config.Network = startup.Network{
			Adapter: network.Adapter.ValueString(), Mode: startup.Mode(network.Mode.ValueString()), Routes: routes, HostMap: network.HostMap.ValueString(),
		}
		config.Network.Provisional, _ = netip.ParsePrefix(network.ProvisionalAddress.ValueString()) // a validator reports invalid values
	}
	if tf.IsSet(m.CloudStorage) {
		var storage startupStorageModel
		diags.Append(m.CloudStorage.As(ctx, &storage, basetypes.ObjectAsOptions{})...)
		config.Storage = startup.Storage{
			Host: storage.Host.ValueString(), Share: storage.Share.ValueString(), Username: storage.Username.ValueString(),
			PasswordFile: storage.PasswordFile.ValueString(), DriveLetter: storage.DriveLetter.ValueString(), MountPoint: storage.MountPoint.ValueString(),
		}
	}
	if tf.IsSet(m.Certificates) {
		var certificates []certificateModel
		diags.Append(m.Certificates.ElementsAs(ctx, &certificates, true)...)
		for _, c := range certificates {
			config.Certificates = append(config.Certificates, startup.Certificate{
				File: c.File.ValueString(), PasswordFile: c.PasswordFile.ValueString(), Store: c.Store.ValueString(),
			})
		}
	}
	return config, diags
}

// check returns an error if a server in mode host_map has no way to get an
// address. Package startup cannot check this, because it does not distinguish
// null from unknown values.
func (n privateNetworkModel) check() diag.Diagnostics {
	var diags diag.Diagnostics
	if n.Mode.ValueString() == string(startup.ModeHostMap) && n.HostMap.IsNull() && n.ProvisionalAddress.IsNull() {
		diags.AddAttributeError(path.Root("private_network").AtName("mode"), "No way to an address",
			"Only a server that already has an address can read the host map on Cloud Storage. Set host_map, which is stored in the image, or provisional_address, or both.")
	}
	return diags
}

// preparedFile returns the type of an element of prepare.files.
func preparedFile() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"destination": types.StringType, "content": types.StringType, "mode": types.StringType}}
}

func (m *startupScriptModel) setResult(ctx context.Context, r startup.Rendered) diag.Diagnostics {
	m.ScriptPath = types.StringValue(r.ScriptPath)
	m.InstallerPath = types.StringValue(r.InstallerPath)
	m.ScheduleCommand = types.StringValue(r.BootCommand)
	m.SHA256 = types.StringValue(r.Digest())
	type fileModel struct {
		Destination string `tfsdk:"destination"`
		Content     string `tfsdk:"content"`
		Mode        string `tfsdk:"mode"`
	}
	files := make([]fileModel, len(r.Files))
	for i, file := range r.Files {
		files[i] = fileModel{Destination: file.Path, Content: file.Content, Mode: file.Mode}
	}
	list, diags := types.ListValueFrom(ctx, preparedFile(), files)
	m.Files = list
	return diags
}
