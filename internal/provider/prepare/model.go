// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import "github.com/hashicorp/terraform-plugin-framework/types"

// Model holds the prepare block.
type Model struct {
	Mode           types.String `tfsdk:"mode"`
	Connection     types.Object `tfsdk:"connection"`
	Files          types.List   `tfsdk:"files"`
	Secrets        types.Map    `tfsdk:"secret_files_wo"`
	SecretsVersion types.Int64  `tfsdk:"secret_files_wo_version"`
	Commands       types.List   `tfsdk:"commands"`
	Scripts        types.List   `tfsdk:"scripts"`
	Steps          types.List   `tfsdk:"steps"`
	Environment    types.Map    `tfsdk:"environment"`
	PrepCommand    types.String `tfsdk:"prep_command"`
}

// fileModel holds one member of prepare.files.
type fileModel struct {
	Source      types.String `tfsdk:"source"`
	Content     types.String `tfsdk:"content"`
	Destination types.String `tfsdk:"destination"`
	Mode        types.String `tfsdk:"mode"`
}

// loginModel holds the attributes that the connection and bastion blocks have
// in common.
type loginModel struct {
	Username          types.String `tfsdk:"username"`
	Password          types.String `tfsdk:"password_wo"`
	PasswordVersion   types.Int64  `tfsdk:"password_wo_version"`
	PrivateKey        types.String `tfsdk:"private_key_wo"`
	PrivateKeyVersion types.Int64  `tfsdk:"private_key_wo_version"`
	Passphrase        types.String `tfsdk:"private_key_passphrase_wo"`
	HostKey           types.String `tfsdk:"host_key"`
	Port              types.Int64  `tfsdk:"port"`
}

// ConnectionModel holds the connection block.
type ConnectionModel struct {
	loginModel
	Type          types.String `tfsdk:"type"`
	Timeout       types.String `tfsdk:"timeout"`
	CACertificate types.String `tfsdk:"ca_certificate"`
	Insecure      types.Bool   `tfsdk:"insecure"`
	Bastion       types.Object `tfsdk:"bastion"`
}

// bastionModel holds the bastion block.
type bastionModel struct {
	loginModel
	Host types.String `tfsdk:"host"`
}

// BuildModel holds the build block.
type BuildModel struct {
	Image                types.String `tfsdk:"image"`
	Datacenter           types.String `tfsdk:"datacenter"`
	PublicIP             types.String `tfsdk:"public_ip"`
	KeepSandboxOnFailure types.Bool   `tfsdk:"keep_sandbox_on_failure"`
	MaxDuration          types.String `tfsdk:"max_duration"`
}

// VerifyModel holds the verify block.
type VerifyModel struct {
	Commands types.List   `tfsdk:"commands"`
	Steps    types.List   `tfsdk:"steps"`
	RAM      types.String `tfsdk:"ram"`
	Timeout  types.String `tfsdk:"timeout"`
}
