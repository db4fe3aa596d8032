// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

func startupScriptSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Renders the script that is baked into an image and makes each server made from it load its release at every boot, and everything that goes with the script. " +
			"Give `files` to `prepare.files` and `schedule_command` to `prepare.commands` of a `gogrid_mygsi_image`; the image then stays put, and a new release needs no new one.\n\n" +
			"At every boot the script enables the private adapter, gets its address, sets routes, opens Cloud Storage, and reads `servers/<server>.json` there, or `channels/<channel>.json` where that does not exist. " +
			"Unless the release named in it is the one installed, it is fetched, its digest is checked, and it is unpacked beside the old one. " +
			"Its steps are run, and what became of it is written to `status/<server>.json`. When anything fails on the way, the server goes on with the release that it had. " +
			"Running the script once more has the same result.\n\n" +
			"A server is called by the first line of `/etc/gogrid/server-name` (`C:\\gogrid\\server-name`) where there is one, else as the host map calls the server with its public address, else by its host name.\n\n" +
			"The password of Cloud Storage is not part of it: put it into the file `password_file` on the sandbox, by means that keep it out of the state, for example a script in `prepare` that reads it from your secret store. " +
			"The script allows access to that file to the system alone, and shows the password on no command line and in no log. " +
			"The password of a certificate in a release, where it is not in the archive, is looked for in `/etc/gogrid/<file name>.password` (`C:\\gogrid\\<file name>.password`).\n\n" +
			"Values are carried whole or refused, with the character and its position named: a double quote, a character past ASCII or a control character cannot be written dependably in a script of Windows.",
		Attributes: map[string]schema.Attribute{
			"os": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "`linux` (a script for `/bin/sh`, which needs `smbclient`, `unzip` and, for certificates, `openssl`) or `windows` (a `.cmd` script, and an installer that needs PowerShell with .NET 3.5 or newer).",
			},
			"channel": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the channel, whose pointer on Cloud Storage, `channels/<channel>.json`, names the release to run: a `gogrid_storage_channel` writes it. Letters, digits, dots, dashes and underscores.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"certificates": certificatesAttribute(),
			"extra": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Script of your own, for `/bin/sh` or cmd, that is run at the end of every boot. It becomes a file of its own, so nothing in it can break the startup script. " +
					"Write `$${x}` for a shell's `${x}`.",
			},
			"script":         tf.ComputedResult("The startup script."),
			"script_path":    tf.ComputedResult("Where it belongs on the server."),
			"installer":      tf.ComputedResult("The script that runs the steps of a release, as its manifest says."),
			"installer_path": tf.ComputedResult("Where it belongs on the server."),
			"unit":           tf.ComputedResult("Unit file for systemd that runs the script at every boot; null on Windows. It is among `files`."),
			"schedule_command": tf.ComputedResult("Command to run once on the sandbox, so that the script runs at every boot of servers made from it: a task of the scheduler that runs as SYSTEM at start-up on Windows, " +
				"the unit, or a line in `rc.local` where there is no systemd, on Linux."),
			"sha256": tf.ComputedResult("SHA-256 digest of all files and the command, in lower-case hex, for `rebuild_triggers`."),
			"files": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "All files that belong into the image, in the form of `prepare.files`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"destination": tf.ComputedResult("Absolute path on the server."),
					"content":     tf.ComputedResult("Text of the file."),
					"mode":        tf.ComputedResult("Permissions in octal."),
				}},
			},
		},
		Blocks: map[string]schema.Block{
			"private_network": privateNetworkBlock(),
			"cloud_storage":   startupStorageBlock(),
		},
	}
}

func privateNetworkBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The private network, which is neither enabled nor configured on a new server. No gateway is set on the private adapter: the default route belongs to the public one.",
		Attributes: map[string]schema.Attribute{
			"adapter": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("Name of the private adapter. Defaults to `%s` on Linux and `%s` on Windows.", startup.DefaultLinuxAdapter, startup.DefaultWindowsAdapter),
				Validators:          []validator.String{tf.NotBlank("name")},
			},
			"mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How it gets its address. `dhcp`: from a DHCP server of your own, since GoGrid has none (see `gogrid_dhcp_config`). " +
					"`host_map`: from a file that names every server, `network/hosts.json` on Cloud Storage, and the copy of it on the server while that cannot be read. `none`: something else configures adapter, address and routes. " +
					tf.DefaultText(startup.DefaultMode),
			},
			"routes": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Routes by the private network, for example to Cloud Storage. Not needed where DHCP gives them.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject:        schema.NestedAttributeObject{Attributes: routeAttributes()},
			},
			"host_map": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Host map that is baked into the image: `host_map` of a `gogrid_dhcp_config`. In every mode servers know their names by it.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"provisional_address": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Address with its prefix length, such as `10.110.0.250/24`, that a server borrows in mode `host_map` to read the host map on Cloud Storage, when the one on the server does not name it. " +
					"Keep it free. Servers that boot at the same moment disturb each other with it, so a baked `host_map` is better.",
				Validators: []validator.String{addressWithBits()},
			},
		},
	}
}

func routeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"destination": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Network in CIDR notation, such as `10.0.0.0/8`.",
			Validators:          []validator.String{tf.CIDRRange()},
		},
		"gateway": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Address of the gateway to it in the private network.",
			Validators:          []validator.String{tf.IPv4()},
		},
	}
}

// addressWithBits accepts an address with the length of its network's prefix.
func addressWithBits() tf.TextRule {
	const rule = "an IPv4 address with a prefix length, such as 10.110.0.250/24"
	return tf.TextRule{Kind: "address", Rule: rule, Check: func(text string) error {
		if parsed, err := netip.ParsePrefix(text); err != nil || !parsed.Addr().Is4() {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

func startupStorageBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The account's Cloud Storage, over SMB. Required.",
		Validators:          []validator.Object{objectvalidator.IsRequired()},
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name or address, such as `22290.cloud.storage.gogrid.com`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"share": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the share. On GoGrid it is the account's id.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"username": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name to log in with. On GoGrid it is the account's id.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"password_file": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Absolute path, on the server, of the file whose first line is the password. It is read as it is, whatever characters it has; " +
					"only white space at its beginning or end is refused by the script on Linux, since a file of credentials drops it.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"drive_letter": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Drive letter, such as `Z:`, that the share gets on Windows when the administrator logs on. The script itself needs none, and services should use `\\\\host\\share`: " +
					"a letter belongs to the session in which it was given.",
			},
			"mount_point": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Folder at which the share is mounted on Linux, with the kernel's `cifs`. The script itself needs no mount.",
			},
		},
	}
}

func certificatesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "Certificates with private keys that are installed from Cloud Storage at every boot, before the steps of the release: on GoGrid the private keys in an image are lost on servers made from it. " +
			"Without Cloud Storage the one installed last stays.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path of a PKCS #12 file on Cloud Storage, such as `certs/site.pfx`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"password_file": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Absolute path, on the server, of the file whose first line is its password.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"store": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "On Windows the machine's certificate store, such as `My`; on Linux the folder that `<name>.crt` and `<name>.key` are put into.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		}},
	}
}
