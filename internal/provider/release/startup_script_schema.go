// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

func startupScriptSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Renders the startup script of an image, with all files that it needs. With the script, each server loads its release at every boot, so a new release needs no new image. " +
			"Set `prepare.files` of a `gogrid_mygsi_image` to `files`, and add `schedule_command` to its `prepare.commands`.\n\n" +
			"At every boot, the script enables the private adapter, sets its address and routes, and opens Cloud Storage. It reads the release from `servers/<server>.json` there, or from `channels/<channel>.json` if that file does not exist. " +
			"If another release is installed, the script loads the archive, checks its digest, unpacks it beside the old release and runs its steps. " +
			"It writes the result to `status/<server>.json`. After a failure, the server keeps the old release. " +
			"The script can run again at any time with the same result.\n\n" +
			"The name of a server is the first line of `/etc/gogrid/server-name` (`C:\\gogrid\\server-name`). Without that file, it is the name of the server's public address in the host map, and otherwise the host name.\n\n" +
			"The script does not hold the password of Cloud Storage. Write the password to `password_file` on the sandbox in a way that keeps it out of the state, for example with a script in `prepare` that reads a secret store. " +
			"The script restricts access to that file to the system, and never shows the password in a command line or log. " +
			"If an archive lacks the password of a certificate, the script reads it from `/etc/gogrid/<file name>.password` (`C:\\gogrid\\<file name>.password`).\n\n" +
			"A Windows script cannot represent double quotes, control characters and characters outside ASCII reliably. The plan rejects values with such a character and names its position.",
		Attributes: map[string]schema.Attribute{
			"os": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Operating system of the servers: `linux` (a script for `/bin/sh`, which needs `smbclient`, `unzip` and, for certificates, `openssl`) or `windows` (a `.cmd` script, and an installer that needs PowerShell with .NET 3.5 or newer).",
			},
			"channel": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the `gogrid_storage_channel` that names the release to run, in the file `channels/<channel>.json` on Cloud Storage: letters, digits, dots, dashes and underscores.",
			},
			"certificates": certificatesAttribute(),
			"extra": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Additional script, for `/bin/sh` or cmd, that runs at the end of every boot. It is a separate file, so an error in it cannot break the startup script. " +
					"Write `$${x}` for `${x}` of the shell.",
			},
			"script_path":    tf.ComputedResult("Path of the startup script on the server. It is the destination of the first of `files`."),
			"installer_path": tf.ComputedResult("Path, on the server, of the script that runs the steps of a release. It is the destination of the second of `files`."),
			"schedule_command": tf.ComputedResult("Command to run once on the sandbox, so that the script runs at every boot of the servers. On Windows, it creates a scheduled task that runs as SYSTEM at start-up. " +
				"On Linux, it enables the unit, or adds a line to `rc.local` on systems without systemd."),
			"sha256": tf.ComputedResult("SHA-256 digest of all files and the command, in lower-case hex, for `rebuild_triggers`."),
			"files": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "All files that the image needs, in the form of `prepare.files`: the startup script, the installer, the unit file for systemd (not on Windows), then the optional files.",
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
		MarkdownDescription: "Configuration of the private adapter, which is disabled on a new server. The script sets no gateway on the private adapter, because the default route belongs to the public adapter.",
		Attributes: map[string]schema.Attribute{
			"adapter": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("Name of the private adapter. Defaults to `%s` on Linux and `%s` on Windows.", startup.DefaultLinuxAdapter, startup.DefaultWindowsAdapter),
				Validators:          []validator.String{tf.NotBlank("name")},
			},
			"mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Source of the private address. `dhcp`: a DHCP server that you run (see `gogrid_dhcp_config`). " +
					"`host_map`: the host map `network/hosts.json` on Cloud Storage, or its copy on the server if Cloud Storage cannot be reached. `none`: something else configures adapter, address and routes. " +
					tf.DefaultText(startup.DefaultMode),
			},
			"routes": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Routes through the private network, for example to Cloud Storage. Not needed if the DHCP server announces them.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject:        schema.NestedAttributeObject{Attributes: routeAttributes()},
			},
			"host_map": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Host map to store in the image: `host_map` of a `gogrid_dhcp_config`. In every mode, a server looks up its name there.",
			},
			"provisional_address": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Temporary address with its prefix length, such as `10.110.0.250/24`. In mode `host_map`, a server that its own host map does not list uses the address to read the host map on Cloud Storage. " +
					"No other device may use the address. Servers that boot at the same time interfere with each other, so a `host_map` in the image is better.",
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
			MarkdownDescription: "Address of the gateway in the private network.",
			Validators:          []validator.String{tf.IPv4()},
		},
	}
}

// addressWithBits accepts an address with a prefix length.
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
		MarkdownDescription: "Cloud Storage of the account, over SMB. Required.",
		Validators:          []validator.Object{objectvalidator.IsRequired()},
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Host name or address of the share, such as `22290.cloud.storage.gogrid.com`.",
			},
			"share": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the share. On GoGrid, the id of the account.",
			},
			"username": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "User name. On GoGrid, the id of the account.",
			},
			"password_file": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Absolute path, on the server, of the file whose first line is the password. All characters are allowed. " +
					"On Linux, the password must not begin or end with white space, because the credentials file of `smbclient` drops it.",
			},
			"drive_letter": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Drive letter of the share on Windows, such as `Z:`, which is assigned when the administrator logs on. The script needs no drive letter. " +
					"Services should use `\\\\host\\share`, because a drive letter exists only in one session.",
			},
			"mount_point": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Folder at which the script mounts the share on Linux, with the kernel's `cifs`. The script itself needs no mount.",
			},
		},
	}
}

func certificatesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "Certificates with private keys that the script installs from Cloud Storage at every boot, before the steps of the release. On GoGrid, servers lose the private keys of their image. " +
			"If Cloud Storage cannot be reached, the installed certificates stay.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path of a PKCS #12 file on Cloud Storage, such as `certs/site.pfx`.",
			},
			"password_file": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Absolute path, on the server, of the file whose first line is the password of the certificate.",
			},
			"store": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "On Windows, the certificate store of the machine, such as `My`. On Linux, the folder for `<name>.crt` and `<name>.key`.",
			},
		}},
	}
}
