// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// manifestBlock is what servers do with the archive.
func manifestBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What a server does with a release. It becomes the file `" + bootstrap.ManifestName + "` at the root of the archive, together with the digest, size and mode of every file. " +
			"Every archive has that file; without this block it has no steps.",
		Attributes: map[string]schema.Attribute{
			"steps": schema.ListNestedAttribute{
				Optional: true,
				MarkdownDescription: "The steps, done in this order. Each has exactly one of `install`, `certificate`, `run` and `service`. " +
					fmt.Sprintf("There may be %d. Needs `os`.", bootstrap.MaxSteps),
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
			MarkdownDescription: "What the server does when the step fails. `stop`: it keeps the release that it had. " +
				"`continue`: it records the failure and runs the next step. " + tf.DefaultText(bootstrap.DefaultOnError),
			Validators: []validator.String{stringvalidator.OneOf(string(bootstrap.Stop), string(bootstrap.Continue))},
		},
		"when": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Boots at which the step runs. `on_change`: when the release is not installed yet, which includes the first boot of a new server. " +
				"`first_boot`: once in the life of a server. `every_boot`: always. " + tf.DefaultText(bootstrap.DefaultWhen),
			Validators: []validator.String{stringvalidator.OneOf(string(bootstrap.FirstBoot), string(bootstrap.EveryBoot), string(bootstrap.OnChange))},
		},
	}
}

func installAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Makes a folder of the server a mirror of a folder of the archive. What is there and not in the archive is deleted.",
		Attributes: map[string]schema.Attribute{
			"from": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Folder of the archive, for example `app`.",
			},
			"to": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Absolute path of the folder on the server, for example `/srv/app` or `C:/app`. Folders of the system are refused, " +
					"and so is a folder inside or around that of another step.",
			},
		},
	}
}

func certificateAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Imports a certificate with its private key. It is opened when planning: a wrong password, a missing private key and a certificate that has expired are errors, " +
			fmt.Sprintf("one that expires in less than %d days is a warning.", int(bootstrap.CertificateNotice.Hours()/24)),
		Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path in the archive of a PKCS #12 file (`.pfx` or `.p12`), for example `certs/site.pfx`.",
			},
			"password_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path in the archive of a file whose only line is the password. It travels with the certificate: whoever can read the archive can use both. " +
					"Leave it out when servers get the password in another way, and give it in `certificate_passwords` so that it can be checked.",
			},
			"store": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "On Windows the certificate store of the machine. " + tf.DefaultText(bootstrap.DefaultStore) + " " +
					"On Linux, where it is required, the folder for key and certificate, for example `/etc/pki/site`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

func runAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Runs a script of the archive as root, or as SYSTEM.",
		Attributes: map[string]schema.Attribute{
			"script": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path of the script in the archive, for example `scripts/migrate.sh`. On Linux it begins with `#!` or is a program, on Windows it ends in `.cmd`, `.bat`, `.ps1`, `.vbs` or `.exe`. Fails unless it ends with exit code 0.",
			},
			"args": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: fmt.Sprintf("Arguments, one line each: at most %d with together %d bytes. On Windows only ASCII without double quotes. ", bootstrap.MaxArgs, bootstrap.MaxArgsLength) +
					"They are in the manifest and the state as they are: put no secrets into them.",
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
		MarkdownDescription: "Changes a service of the server.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the service, for example `httpd` or `W3SVC`; on Windows not the one that is displayed.",
			},
			"action": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "`" + strings.Join(bootstrap.ServiceActions(), "`, `") + "`. Services of Windows cannot reload.",
				Validators:          []validator.String{stringvalidator.OneOf(bootstrap.ServiceActions()...)},
			},
		},
	}
}
