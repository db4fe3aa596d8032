// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// CloudStorageModel is the cloud_storage block.
type CloudStorageModel struct {
	Protocol          types.String `tfsdk:"protocol"`
	LeasesExpireAfter types.String `tfsdk:"leases_expire_after"`
	Host              types.String `tfsdk:"host"`
	Port              types.Int64  `tfsdk:"port"`
	Share             types.String `tfsdk:"share"`
	Username          types.String `tfsdk:"username"`
	Password          types.String `tfsdk:"password"`
	PrivateKey        types.String `tfsdk:"private_key"`
	HostKey           types.String `tfsdk:"host_key"`
	Bastion           types.Object `tfsdk:"bastion"`
}

// StorageBastionModel is the bastion block in the cloud_storage block.
type StorageBastionModel struct {
	Host       types.String `tfsdk:"host"`
	Port       types.Int64  `tfsdk:"port"`
	Username   types.String `tfsdk:"username"`
	Password   types.String `tfsdk:"password"`
	PrivateKey types.String `tfsdk:"private_key"`
	HostKey    types.String `tfsdk:"host_key"`
}

// CloudStorageBlock returns the schema of the cloud_storage block of the provider.
func CloudStorageBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Connection to Cloud Storage, the account's file share. It is reachable only from the private network: from elsewhere, set `bastion` to a server of the grid. " +
			"A block without `protocol`, `host`, `port`, `host_key` and `bastion` takes the first four from the environment variables `GOGRID_CLOUD_STORAGE_PROTOCOL`, `GOGRID_CLOUD_STORAGE_HOST`, " +
			"`GOGRID_CLOUD_STORAGE_PORT` and `GOGRID_CLOUD_STORAGE_HOST_KEY`. " +
			"Nothing in this block is stored in a plan or state, so its values may be ephemeral. Needed by `gogrid_storage_object`, `gogrid_storage_channel` and `gogrid_storage_objects`.",
		Attributes: map[string]schema.Attribute{
			"protocol": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Protocol of the share: `smb` or `sftp`. " + tf.DefaultText(storage.DefaultProtocol) + " SMB means versions 2 and 3; version 1, which GoGrid used in 2009, is not supported.",
				Validators:          []validator.String{tf.OneOf(string(storage.SMB), string(storage.SFTP))},
			},
			"host": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Host name or address of the share. " + tf.DefaultText(storage.AccountHost("<username>")),
				Validators:          []validator.String{tf.NotBlank("host")},
			},
			"port": storagePort(fmt.Sprintf("Port of the share. Defaults to `%d` for SMB and `%d` for SFTP.", storage.DefaultSMBPort, communicator.DefaultSSHPort)),
			"share": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the SMB share. Defaults to the user name, as on GoGrid. For SFTP, the folder that all paths are relative to. Defaults to the home folder of the account.",
				Validators:          []validator.String{tf.NotBlank("share")},
			},
			"username": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "User name on Cloud Storage. Defaults to the entry in the account's password list, which on GoGrid is the number of the account.",
				Validators:          []validator.String{tf.NotBlank("account")},
			},
			"password":            storageSecret("Password on Cloud Storage. Defaults to the entry in the account's password list, which only keys with the role *System User* or *Super User* may read."),
			"private_key":         storageSecret("Private key, in PEM or OpenSSH form, that the server accepts for the account. SFTP only."),
			"host_key":            storageHostKey("server"),
			"leases_expire_after": leaseExpiry(),
		},
		Blocks: map[string]schema.Block{
			"bastion": schema.SingleNestedBlock{
				MarkdownDescription: "Server through which the provider connects to Cloud Storage, over SSH.",
				Attributes: map[string]schema.Attribute{
					"host": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Name or address of the bastion, for example the `public_ip` of a server. Required in this block.",
						Validators:          []validator.String{tf.NotBlank("host")},
					},
					"port": storagePort("SSH port. " + tf.DefaultText(communicator.DefaultSSHPort)),
					"username": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Account for the login on the bastion. " + tf.DefaultText(communicator.DefaultSSHAccount),
						Validators:          []validator.String{tf.NotBlank("account")},
					},
					"password":    storageSecret("Password of the account on the bastion."),
					"private_key": storageSecret("Private key, in PEM or OpenSSH form, that the bastion accepts for the account."),
					"host_key":    storageHostKey("bastion"),
				},
			},
		},
	}
}

// leaseExpiry returns the attribute for the age at which leases expire. The age
// must be longer than an apply takes to create the servers that use the leased
// addresses.
func leaseExpiry() schema.StringAttribute {
	const rule = "a duration of an hour or more"
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Age at which the lease of a private address counts as left by a killed apply, as " + rule + ", for example `72h`. By default leases never expire. " +
			"If no server has the address of an expired lease, the next `gogrid_private_ip` that needs the address takes the lease over, with a warning that names its owner and age. " +
			"A `gogrid_private_ip` that waits longer than this for its server, in any state, may lose its address. " +
			"A lease of the provider's own `deployment` with the same label is taken over at any age.",
		Validators: []validator.String{tf.DurationAtLeast(time.Hour, rule+`, such as "72h"`,
			"is shorter than an hour; an apply may need that long to create the server that uses an address")},
	}
}

func storagePort(text string) schema.Int64Attribute {
	return schema.Int64Attribute{Optional: true, MarkdownDescription: text, Validators: []validator.Int64{int64validator.Between(1, 65535)}}
}

func storageSecret(text string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: text}
}

func storageHostKey(of string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Host key that the " + of + " must show over SSH: a key in the form of `authorized_keys`, a fingerprint such as `SHA256:...`, or the text of a `known_hosts` file. " +
			"Without it, the provider accepts any host key.",
		Validators: []validator.String{tf.HostKey()},
	}
}

// UnknownIn names the attributes of a block whose values are not known yet,
// including those of nested blocks. Each name begins with at, the block's name.
func UnknownIn(at string, block types.Object) []string {
	if block.IsUnknown() {
		return []string{at}
	}
	var names []string
	for name, value := range block.Attributes() {
		if nested, ok := value.(types.Object); ok {
			names = append(names, UnknownIn(at+"."+name, nested)...)
		} else if value.IsUnknown() {
			names = append(names, at+"."+name)
		}
	}
	return names
}

// trim removes white space around names, and newlines at the end of passwords, with a
// warning for each.
func (m *CloudStorageModel) trim(bastion *StorageBastionModel) diag.Diagnostics {
	at := path.Root("cloud_storage")
	diags := tf.TrimName(at.AtName("host"), &m.Host)
	diags.Append(tf.TrimName(at.AtName("share"), &m.Share)...)
	diags.Append(tf.TrimName(at.AtName("username"), &m.Username)...)
	diags.Append(tf.TrimPassword(at.AtName("password"), &m.Password)...)
	at = at.AtName("bastion")
	diags.Append(tf.TrimName(at.AtName("host"), &bastion.Host)...)
	diags.Append(tf.TrimName(at.AtName("username"), &bastion.Username)...)
	diags.Append(tf.TrimPassword(at.AtName("password"), &bastion.Password)...)
	return diags
}

// Check returns an error for each invalid combination of attributes in a block
// that is known.
func (m CloudStorageModel) Check(bastion StorageBastionModel) diag.Diagnostics {
	var diags diag.Diagnostics
	at := path.Root("cloud_storage")
	if m.Protocol.ValueString() != string(storage.SFTP) {
		for name, value := range map[string]attr.Value{"private_key": m.PrivateKey, "host_key": m.HostKey} {
			if !value.IsNull() {
				diags.AddAttributeError(at.AtName(name), "No use for "+name, "Only SFTP uses it, and the protocol is smb. Remove it, or set protocol to sftp.")
			}
		}
	}
	diags.Append(checkStorageKey(at, m.PrivateKey)...)
	if !tf.IsSet(m.Bastion) {
		return diags
	}
	at = at.AtName("bastion")
	diags.Append(checkStorageKey(at, bastion.PrivateKey)...)
	if bastion.Host.IsNull() {
		diags.AddAttributeError(at.AtName("host"), "Missing host", "A host is required in the bastion block.")
	}
	if bastion.Password.IsNull() && bastion.PrivateKey.IsNull() {
		diags.AddAttributeError(at.AtName("password"), "Missing password or private_key", "One of the two is required to log in to the bastion. The ephemeral resource gogrid_server_password reads the password of a server.")
	}
	return diags
}

func checkStorageKey(at path.Path, key types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if tf.IsSet(key) {
		if err := communicator.CheckPrivateKey(key.ValueString(), ""); err != nil {
			diags.AddAttributeError(at.AtName("private_key"), "The private key cannot be used", tf.Sentence(err.Error()))
		}
	}
	return diags
}

// Config returns the storage configuration that the block describes. Attributes
// that the block leaves out stay empty.
func (m CloudStorageModel) Config(bastion StorageBastionModel) storage.Config {
	config := storage.Config{
		Protocol: storage.Protocol(m.Protocol.ValueString()), Host: m.Host.ValueString(), Port: int(m.Port.ValueInt64()), Share: m.Share.ValueString(),
		Username: m.Username.ValueString(), Password: m.Password.ValueString(), PrivateKey: m.PrivateKey.ValueString(), HostKey: m.HostKey.ValueString(),
	}
	if tf.IsSet(m.Bastion) {
		config.Bastion = &communicator.Target{
			Protocol: communicator.SSH, Host: bastion.Host.ValueString(), Port: int(bastion.Port.ValueInt64()), Username: bastion.Username.ValueString(),
			Password: bastion.Password.ValueString(), PrivateKey: bastion.PrivateKey.ValueString(), HostKey: bastion.HostKey.ValueString(),
		}
	}
	return config
}
