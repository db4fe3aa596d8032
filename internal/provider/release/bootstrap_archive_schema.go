// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// ArchiveSchema returns the schema of gogrid_bootstrap_archive.
func ArchiveSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Packs files into a bootstrap archive: a zip file that servers load at start-up, so that a new version of an application needs no new image.\n\n" +
			"The archive is reproducible: the same files give the same bytes on every machine, so `sha256` changes if and only if a file or a step changes. Entries are sorted and have a fixed time. " +
			"Their mode is `0755` for executable files and `0644` for all others. A file is executable if it starts with `#!` or is a Linux program; its permission bits do not matter, because not every system has them. " +
			"The last entry, `" + bootstrap.ManifestName + "`, lists the steps and the files with their digests. The state does not hold that list: `release` is a digest of it.\n\n" +
			"The plan names every invalid path: paths that leave the folder, absolute paths, drive letters, backslashes, characters and names that Windows does not allow, " +
			"names that differ only by case, links to anything but files inside the folder, special files, a file with the name of the manifest, and steps that name missing files. " +
			"With `os = \"windows\"`, `.cmd` and `.bat` files must not have lines that end in LF alone, which `cmd` misreads. With `os = \"linux\"`, the first line of a shell script must not end in CR LF. " +
			fmt.Sprintf("An archive holds at most %d files of at most %d bytes each and %d bytes together, which every unzip program supports.\n\n", bootstrap.MaxFiles, int64(bootstrap.MaxFileSize), int64(bootstrap.MaxTotalSize)) +
			"The plan packs the archive. The apply of a saved plan does not pack it again, so on another machine no file exists at `output_path`. " +
			"If a value is unknown in the plan, such as a content that the same apply creates, the apply packs the archive.",
		Blocks: map[string]schema.Block{"manifest": manifestBlock()},
		Attributes: map[string]schema.Attribute{
			"source_dir": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Folder whose files are archived, under their paths relative to the folder. A relative path starts at the working directory; " +
					"write `\"${path.module}/app\"` for a folder beside the configuration. Hidden files are included; empty folders are not, and neither are states, plans and folders of Terraform. At least one of `source_dir` and `files` must be set.",
			},
			"files": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Additional files, as a map from path in the archive to content, for example from `templatefile()`. Paths are relative, with `/` between folders. " +
					"A path must not also be in `source_dir`: exclude the file there to replace it. The state holds the contents.",
			},
			"exclude": schema.ListAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Patterns of files in `source_dir` that are not archived, in the syntax of `.gitignore`: `*.log` anywhere, `/build` only at the top, `cache/` only folders, " +
					"`docs/**` the contents, `!keep.log` to include a file again. The last matching pattern decides; files inside an excluded folder cannot be included again. " +
					"Blank lines and comments are skipped, so `split(\"\\n\", file(\".gitignore\"))` works. Needs `source_dir`. " +
					"A file `" + bootstrap.IgnoreName + "` at the root of `source_dir` can hold more patterns, one per line, which come before `exclude`. That file is not archived.",
				Validators: []validator.List{listvalidator.AlsoRequires(path.MatchRoot("source_dir"))},
			},
			"os": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Operating system of the servers: `linux` or `windows`. It determines the checks of scripts and steps. " +
					"Required with steps.",
				Validators: []validator.String{tf.OneOf(string(bootstrap.Linux), string(bootstrap.Windows))},
			},
			"version": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("Version that `release` begins with, for example `2.4`. At most %d letters, digits, dots, dashes and underscores. ", bootstrap.MaxVersionLength) +
					"Different contents have a different `release`, even with the same version.",
			},
			"certificate_passwords": schema.MapAttribute{
				Optional:    true,
				Sensitive:   true,
				ElementType: types.StringType,
				MarkdownDescription: "Passwords of certificates whose password is not in the archive, as a map from path of the `.pfx` or `.p12` file in the archive to password. " +
					"The provider only uses them to open the certificates. Neither the archive nor the state holds them: this attribute is null in the state.",
			},
			"output_path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of the file to write the archive to. Missing folders are created. Only the owner can read the file, because an archive may hold keys. " +
					"The path must not be inside `source_dir`, unless it is excluded. Without `output_path`, the provider only computes the digest.",
			},
			"release": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Name of the release: the beginning of a digest of all contents and steps, after `version` and a dash if `version` is set. " +
					"The same contents have the same name.",
			},
			"sha256": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "SHA-256 digest of the archive, in lower-case hex.",
			},
			"size": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Size of the archive in bytes.",
			},
			"file_count": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Number of files in the archive, without `" + bootstrap.ManifestName + "`.",
			},
		},
	}
}
