// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Values of prepare.mode.
const (
	modeAutomatic = "automatic"
	ModeManual    = "manual"
	DefaultMode   = modeAutomatic
)

// Block returns the schema of the prepare block.
func Block() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Preparation of the sandbox before it is saved. The provider uploads `files` and `secret_files_wo`, runs `commands` and then `scripts` (or `steps` in place of both), and runs `prep_command` last. " +
			"The first failure stops the preparation. All steps are part of `prepared_digest`.\n\n" +
			"On each server made from the image, the administrator's password is new, the private adapter is disabled, and the private keys of installed certificates are lost. " +
			"The guide [Building images](../guides/building-images) lists what else survives; a startup script must set up the rest.",
		Attributes: map[string]schema.Attribute{
			"mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Way to prepare the sandbox. `automatic`: the provider logs in and prepares the sandbox. `manual`: a person prepares the sandbox and switches it off " +
					"(GoGrid's prep step for Windows ran over Remote Desktop); the provider waits for at most `build.max_duration`. " +
					"On a simulated grid, `gogrid-simulator passwords` prints the login, and `gogrid-simulator call grid.server.power server=NAME power=stop` switches the sandbox off. " +
					tf.DefaultText(DefaultMode),
				Validators: []validator.String{tf.OneOf(modeAutomatic, ModeManual)},
			},
			"files": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Files to upload, in this order.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{
					Attributes: fileAttributes(),
				},
			},
			"secret_files_wo": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				WriteOnly:   true,
				MarkdownDescription: "Secret files: a map from absolute paths on the server to contents, for example the password of Cloud Storage from the ephemeral `gogrid_storage_credentials`. They are uploaded after `files`, with the mode `0600`. " +
					"Write-only: paths and contents are never stored. To replace the image after a change, also change `secret_files_wo_version`.",
				Validators: []validator.Map{secretFiles{}},
			},
			"secret_files_wo_version": versionOf("secret_files_wo"),
			"commands": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Commands to run in order in the server's shell: `/bin/sh`, or PowerShell over WinRM. Each must end with exit code 0. " +
					"The state stores them in plain text, so they must not contain secrets.",
				Validators: []validator.List{TextList{Of: "command"}},
			},
			"scripts": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Paths of local scripts to run on the server, at most 1 MiB each.",
				Validators:          []validator.List{TextList{Of: "path"}},
			},
			"steps": stepsAttribute("Commands, scripts and restarts in the order in which they run, in place of `commands` and `scripts`.", true),
			"environment": schema.MapAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Environment variables of all commands and scripts. The state stores them in plain text, so they must not contain secrets.",
				Validators:          []validator.Map{environmentMap{}},
			},
			"prep_command": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Command that runs GoGrid's prep step, after all other steps. There is no default, because the paths of the scripts in GoGrid's base images are not documented. " +
					"In the simulated grid it is `gogrid-prep`. Without the prep step, servers that are made from the image may boot differently.",
				Validators: []validator.String{tf.NotBlank("command")},
			},
		},
		Blocks: map[string]schema.Block{"connection": connectionBlock()},
	}
}

// VerifyStepsAttribute returns the schema of verify.steps.
func VerifyStepsAttribute() schema.ListNestedAttribute {
	return stepsAttribute("Commands and restarts in the order in which they run, in place of `commands`.", false)
}

// stepsAttribute returns the schema of the attribute steps. The description begins
// with text. Steps can be scripts if scripts is true.
func stepsAttribute(text string, scripts bool) schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{
		"command": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Command to run in the server's shell. It must end with exit code 0. The state stores it in plain text, so it must not contain secrets.",
			Validators:          []validator.String{tf.NotBlank("command")},
		},
		"restart": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to restart the server. Must be `true`. The provider shuts the operating system down cleanly, waits until it has started again, logs in with the same host key, " +
				"and runs the next step. Over SSH an account other than `root` needs `sudo` without a password.",
		},
	}
	if scripts {
		attributes["script"] = schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Path of a local script to run on the server, at most 1 MiB.",
			Validators:          []validator.String{tf.NotBlank("path")},
		}
	}
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: text + " Exactly one attribute must be set in each step.",
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
	}
}

// fileAttributes returns the attributes of a member of prepare.files.
func fileAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"source": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a local file, at most 20 GiB, which must exist when Terraform plans. For a file that the same apply creates, set `content` instead. " +
				"A new path with the same content changes nothing. Exactly one of `source` and `content` must be set.",
			Validators: []validator.String{tf.NotBlank("path")},
		},
		"content": schema.StringAttribute{
			Optional:  true,
			WriteOnly: true,
			MarkdownDescription: "Text of the file. Write-only: plan and state hold only its digest, in `prepared_files`. Use `secret_files_wo` for secrets, " +
				"because a digest confirms a guessed text.",
		},
		"destination": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Absolute path on the server, for example `/etc/motd` or `C:\\app\\app.config`. Required in each file. The upload creates missing folders " +
				"and replaces an existing file.",
			Validators: []validator.String{destinationPath()},
		},
		"mode": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Permissions of the file in octal, for example `0755`. " + tf.DefaultText(fmt.Sprintf("%04o", tf.DefaultFileMode)) + " Ignored on Windows.",
			Validators:          []validator.String{tf.FileMode()},
		},
	}
}

// connectionBlock returns the schema of the connection block.
func connectionBlock() schema.SingleNestedBlock {
	attributes := loginAttributes("server")
	attributes["type"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Protocol of the login: `ssh`, or `winrm` (over HTTPS). " + tf.DefaultText(DefaultProtocol),
		Validators:          []validator.String{tf.OneOf(string(communicator.SSH), string(communicator.WinRM))},
	}
	attributes["username"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: fmt.Sprintf("Account to log in with. Defaults to `%s` over SSH and `%s` over WinRM.", communicator.DefaultSSHAccount, communicator.DefaultWinRMAccount),
		Validators:          []validator.String{tf.NotBlank("account")},
	}
	attributes["port"] = schema.Int64Attribute{
		Optional: true,
		MarkdownDescription: fmt.Sprintf("Port from 1 to 65535. Defaults to `%d` over SSH and `%d` over WinRM. The environment variable `%s` replaces the default over SSH.",
			communicator.DefaultSSHPort, communicator.DefaultWinRMPort, session.SSHPortVariable),
		Validators: []validator.Int64{int64validator.Between(1, 65535)},
	}
	attributes["timeout"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Maximum time to wait for the login after GoGrid reports the server as on, and for each restart in `steps`, as a duration. A server answers some minutes after that, and the password list may show its password later still. " +
			tf.DefaultText(DefaultLoginTimeout),
		Validators: []validator.String{tf.PositiveDuration()},
	}
	attributes["ca_certificate"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Certificate authorities (PEM) that may sign the server's certificate, in addition to the system's. WinRM only.",
		Validators:          []validator.String{tf.PEMCertificates()},
	}
	attributes["insecure"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether to accept any certificate, even from an impostor at the address. WinRM only. " + tf.DefaultText(false),
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Login to the sandbox. Without a password and a private key, the provider waits until the account's password list has the sandbox's password. " +
			"Only `username` and the version numbers are part of `prepared_digest`; other changes do not replace the image.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"bastion": bastionBlock()},
	}
}

// bastionBlock returns the schema of the bastion block.
func bastionBlock() schema.SingleNestedBlock {
	attributes := loginAttributes("bastion")
	attributes["host"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Name or address of the bastion. Required in this block.",
		Validators:          []validator.String{tf.NotBlank("host")},
	}
	attributes["port"] = schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "SSH port. " + tf.DefaultText(communicator.DefaultSSHPort),
		Validators:          []validator.Int64{int64validator.Between(1, 65535)},
	}
	attributes["username"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Account to log in with. " + tf.DefaultText(communicator.DefaultSSHAccount),
		Validators:          []validator.String{tf.NotBlank("account")},
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Bastion (jump host) for the connection to the server, over SSH.",
		Attributes:          attributes,
	}
}

// loginAttributes returns the attributes that the connection and bastion blocks
// share. to names the server for the texts.
func loginAttributes(to string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"password_wo": schema.StringAttribute{
			Optional:            true,
			WriteOnly:           true,
			Sensitive:           true,
			MarkdownDescription: "Password of the account on the " + to + ". Write-only: it is never stored. To replace the image after a change, also change `password_wo_version`.",
		},
		"password_wo_version": versionOf("password_wo"),
		"private_key_wo": schema.StringAttribute{
			Optional:  true,
			WriteOnly: true,
			Sensitive: true,
			MarkdownDescription: "Private key, in PEM or OpenSSH form, that the " + to + " accepts for the account. Write-only: it is never stored. " +
				"To replace the image after a change, also change `private_key_wo_version`.",
		},
		"private_key_wo_version": versionOf("private_key_wo"),
		"private_key_passphrase_wo": schema.StringAttribute{
			Optional:            true,
			WriteOnly:           true,
			Sensitive:           true,
			MarkdownDescription: "Passphrase of `private_key_wo`. Write-only: it is never stored.",
			Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("private_key_wo"))},
		},
		"host_key": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Host key that the " + to + " must show: a key in the form of `authorized_keys`, a fingerprint such as `SHA256:...`, or the text of a `known_hosts` file. " +
				"Defaults to the key that the " + to + " shows at the first login.",
			Validators: []validator.String{tf.HostKey()},
		},
	}
}

// versionOf returns the attribute that holds the version number of a write-only
// attribute.
func versionOf(attribute string) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "Version number of `" + attribute + "`: any integer. It is part of `prepared_digest` in place of the write-only value, so changing it replaces the image.",
	}
}
