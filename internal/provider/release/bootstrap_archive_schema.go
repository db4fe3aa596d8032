// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
)

// ArchiveSchema returns the schema of gogrid_bootstrap_archive.
func ArchiveSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Packs files into a bootstrap archive: the zip that servers load at start-up, so that a change of the app needs no new image.\n\n" +
			"The same files give the same bytes, whoever packs them and wherever, so `sha256` changes exactly when a file or a step does: entries are sorted and carry a fixed time, " +
			"and modes are reduced to `0755` for executable files and `0644` for all others. Executable is what starts with `#!` or is a Linux program, whatever the permission bits say, since not every system has them. " +
			"The last entry is `" + bootstrap.ManifestName + "`, which tells servers what to do and what the files are.\n\n" +
			"Refused when planning, with every offending path named: paths that leave the folder, absolute paths, drive letters, backslashes, characters and names that Windows does not allow, " +
			"names that differ only by case, links to anything but files inside the folder, whatever is neither file nor folder, a file in the place of the manifest, and steps that name what is not there. " +
			"With `os = \"windows\"` also `.cmd` and `.bat` files with lines that end in LF alone, which `cmd` misreads; with `os = \"linux\"` shell scripts that begin with a line of Windows. " +
			fmt.Sprintf("An archive holds at most %d files of at most %d bytes each and %d together, which every unzip program can handle.\n\n", bootstrap.MaxFiles, int64(bootstrap.MaxFileSize), int64(bootstrap.MaxTotalSize)) +
			"The archive is packed while planning. When Terraform applies a saved plan, it does not pack it again: on another machine there is then no file at `output_path`. " +
			"While something here is not known yet, for example a content that the same apply makes, the archive is packed in the apply.",
		Blocks: map[string]schema.Block{"manifest": manifestBlock()},
		Attributes: map[string]schema.Attribute{
			"source_dir": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Folder whose files go into the archive, under their paths relative to it. A relative path starts at the working directory; " +
					"write `\"${path.module}/app\"` for a folder beside the configuration. Hidden files are included, empty folders are not. At least one of `source_dir` and `files` is needed.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"files": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Further files, path in the archive to content, for example from `templatefile()`. Paths are relative, with `/` between folders. " +
					"A path that is also in `source_dir` is refused: exclude it there to replace it. The contents are stored in the state.",
			},
			"exclude": schema.ListAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "What to leave out of `source_dir`, in the pattern language of `.gitignore`: `*.log` anywhere, `/build` only at the top, `cache/` only folders, " +
					"`docs/**` what is inside, `!keep.log` to take back an earlier pattern. The last pattern that matches decides, and nothing inside an excluded folder can be taken back. " +
					"Blank lines and comments are skipped, so `split(\"\\n\", file(\".gitignore\"))` works. Needs `source_dir`. " +
					"A file `" + bootstrap.IgnoreName + "` at the root of `source_dir` holds such patterns too, one a line; it is not archived, and `exclude` comes after it.",
				Validators: []validator.List{listvalidator.AlsoRequires(path.MatchRoot("source_dir"))},
			},
			"os": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Operating system of the servers, `linux` or `windows`. It decides how scripts are checked and what steps may say. " +
					"Needed when there are steps.",
				Validators: []validator.String{stringvalidator.OneOf(string(bootstrap.Linux), string(bootstrap.Windows))},
			},
			"version": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("What `release` begins with, for people, for example `2.4`. At most %d letters, digits, dots, dashes and underscores. ", bootstrap.MaxVersionLength) +
					"A release with other contents has another name also when this stays the same.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"certificate_passwords": schema.MapAttribute{
				Optional:    true,
				Sensitive:   true,
				ElementType: types.StringType,
				MarkdownDescription: "Passwords of certificates whose password is not in the archive: path of the `.pfx` or `.p12` file in the archive to password. " +
					"They are used to open the certificates when planning and kept nowhere: neither in the archive nor in the state, where this attribute is null.",
			},
			"output_path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "File to write the archive to. Missing folders are made, and a file that is up to date is left alone. It is readable by its owner only, as an archive may hold keys. " +
					"It must not be inside `source_dir`, unless it is excluded. Without `output_path` nothing is written and only the digest is computed.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"release": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Name of the release: `version` and a dash, if there is a version, and the beginning of a digest of all contents and steps. " +
					"The same contents have the same name.",
			},
			"manifest_json": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Content of `" + bootstrap.ManifestName + "` in the archive, with a line for each step and each file.",
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
				MarkdownDescription: "How many files the archive holds, without `" + bootstrap.ManifestName + "`.",
			},
		},
	}
}
