// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

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

func bootstrapArchiveSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Packs files into a bootstrap archive: the zip that servers load at start-up, so that a change of the app needs no new image.\n\n" +
			"The same files give the same bytes, whoever packs them and wherever, so `sha256` changes exactly when a file does: entries are sorted and carry a fixed time, " +
			"and modes are reduced to `0755` for executable files and `0644` for all others. Executable is what has its owner's executable bit; where there is none, " +
			"on Windows and in `files`, it is what starts with `#!` or is a Linux program.\n\n" +
			"Refused, with every offending path named: paths that leave the folder, absolute paths, drive letters, backslashes, characters and names that Windows does not allow, " +
			"names that differ only by case, links to anything but files inside the folder, and whatever is neither file nor folder. " +
			fmt.Sprintf("An archive holds at most %d files of together at most %d bytes, which every unzip program can handle.\n\n", bootstrap.MaxFiles, int64(bootstrap.MaxTotalSize)) +
			"The archive is packed while planning. When Terraform applies a saved plan, it does not pack it again: on another machine there is then no file at `output_path`.",
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
					"Blank lines and comments are skipped, so `split(\"\\n\", file(\".gitignore\"))` works. Needs `source_dir`.",
				Validators: []validator.List{listvalidator.AlsoRequires(path.MatchRoot("source_dir"))},
			},
			"output_path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "File to write the archive to. Missing folders are made, and a file that is up to date is left alone. It is readable by its owner only, as an archive may hold keys. " +
					"It must not be inside `source_dir`, unless it is excluded. Without `output_path` nothing is written and only the digest is computed.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
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
				MarkdownDescription: "How many files the archive holds.",
			},
		},
	}
}
