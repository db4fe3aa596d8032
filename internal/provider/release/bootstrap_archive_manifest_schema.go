// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// manifestBlock returns the schema of the manifest block.
func manifestBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Steps that a server runs to install the release. The archive records them in the file `" + bootstrap.ManifestName + "` at its root, with the digest, size and mode of every file. " +
			"Without this block, that file lists no steps.",
		Attributes: map[string]schema.Attribute{
			"steps": schema.ListNestedAttribute{
				Optional: true,
				MarkdownDescription: "Steps, in the order in which they run. Each step has exactly one of `install`, `certificate`, `run` and `service`. " +
					fmt.Sprintf("At most %d steps. Needs `os`.", bootstrap.MaxSteps),
				NestedObject: schema.NestedAttributeObject{Attributes: stepAttributes()},
			},
		},
	}
}

func stepAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"install":     installAttribute(),
		"certificate": certificateAttribute(),
		"run":         runAttribute(),
		"service":     serviceAttribute(),
		"on_error": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What the server does when the step fails. `stop`: the server keeps its previous release. " +
				"`continue`: the server records the failure and runs the next step. " + tf.DefaultText(bootstrap.DefaultOnError),
			Validators: []validator.String{tf.OneOf(string(bootstrap.Stop), string(bootstrap.Continue))},
		},
		"when": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Boots at which the step runs. `on_change`: when the release is not installed yet, which includes the first boot of a new server. " +
				"`first_boot`: once in the life of a server. `every_boot`: always. " + tf.DefaultText(bootstrap.DefaultWhen),
			Validators: []validator.String{tf.OneOf(string(bootstrap.FirstBoot), string(bootstrap.EveryBoot), string(bootstrap.OnChange))},
		},
	}
}

func installAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Mirrors a folder of the archive to a folder of the server. Files in the server's folder that the archive lacks are deleted.",
		Attributes: map[string]schema.Attribute{
			"from": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Folder of the archive, for example `app`.",
			},
			"to": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Absolute path of the folder on the server, for example `/srv/app` or `C:/app`. The path must not be a system folder " +
					"and must not contain, or lie inside, the folder of another step.",
			},
		},
	}
}

func certificateAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Imports a certificate with its private key. The plan opens the file: a wrong password, a missing private key or an expired certificate is an error, " +
			fmt.Sprintf("and a certificate that expires in less than %d days is a warning.", int(bootstrap.CertificateNotice.Hours()/24)),
		Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path in the archive of a PKCS #12 file (`.pfx` or `.p12`), for example `certs/site.pfx`.",
			},
			"password_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path in the archive of a file whose only line is the password. Anyone who can read the archive can then use the certificate. " +
					"Omit it if servers get the password in another way, and set the password in `certificate_passwords` so that the plan can check it.",
			},
			"store": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "On Windows, the certificate store of the machine. " + tf.DefaultText(bootstrap.DefaultStore) + " " +
					"On Linux, the folder for key and certificate, for example `/etc/pki/site`; it must be set on Linux.",
			},
		},
	}
}

func runAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Runs a script of the archive, as `root` on Linux and as `SYSTEM` on Windows.",
		Attributes: map[string]schema.Attribute{
			"script": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path of the script in the archive, for example `scripts/migrate.sh`. On Linux, the script must begin with `#!` or be a program; on Windows, its name must end in `.cmd`, `.bat`, `.ps1`, `.vbs` or `.exe`. The step fails unless the exit code is 0.",
			},
			"args": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: fmt.Sprintf("Arguments, each without line breaks: at most %d, with at most %d bytes together. On Windows, only ASCII without double quotes. ", bootstrap.MaxArgs, bootstrap.MaxArgsLength) +
					"Manifest and state hold the arguments in plain text: do not use them for secrets.",
			},
			"timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Maximum run time of the script, as a duration in whole seconds up to a day, such as `90s` or `1h`. " +
					"A script that runs longer is stopped, and the step fails. " + tf.DefaultText(time.Duration(bootstrap.DefaultTimeoutSeconds)*time.Second),
				Validators: []validator.String{tf.PositiveDuration()},
			},
		},
	}
}

func serviceAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Starts, stops, restarts or reloads a service of the server.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the service, for example `httpd` or `W3SVC`. On Windows, the service name, not the display name.",
			},
			"action": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Action on the service: `" + strings.Join(bootstrap.ServiceActions(), "`, `") + "`. Windows services cannot reload.",
				Validators:          []validator.String{tf.OneOf(bootstrap.ServiceActions()...)},
			},
		},
	}
}
