// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// storagePath accepts the path of a file on Cloud Storage.
func storagePath() tf.TextRule {
	return tf.TextRule{Kind: "path", Rule: "a relative path such as releases/app.zip", Check: func(text string) error {
		if err := storage.CheckPath(text); err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
		return nil
	}}
}

// storagePrefix accepts the beginning of one.
func storagePrefix() tf.TextRule {
	return tf.TextRule{Kind: "prefix", Rule: "the beginning of a relative path, such as releases/", Check: func(text string) error {
		if err := storage.CheckPrefix(text); err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
		return nil
	}}
}

var hexDigest = regexp.MustCompile("^[0-9a-f]{64}$")

// sha256Text accepts a digest as filesha256() gives it.
func sha256Text() tf.TextRule {
	const rule = "a SHA-256 digest of 64 lower-case hex digits, as filesha256() gives it"
	return tf.TextRule{Kind: "digest", Rule: rule, Check: func(text string) error {
		if !hexDigest.MatchString(text) {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

func storageObjectSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A file on Cloud Storage. It is uploaded under a temporary name, checked and put in its place in one step, so nobody ever loads half of it. " +
			"A file with the right content that is there already is not uploaded again. One that somebody else has replaced or removed shows as a change.\n\n" +
			"Exactly one of `source`, `content` and `archive` says what it holds. No file is opened while planning, only its digest is looked at: a saved plan can be applied on another machine, where files are read, " +
			"or an archive is built again, and must be what was planned.\n\n" +
			"Needs the provider's `cloud_storage` block. If Cloud Storage cannot be reached while refreshing, or shows no files at all, the state is kept, with a warning.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("The path."),
			"path": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Path on Cloud Storage, relative to the share, with `/` between folders, for example `releases/app.zip`. Folders that are missing are made; they stay when the file is destroyed. " +
					"A file that is there already with another content is not replaced: import it. A change replaces the object.",
				Validators:    []validator.String{storagePath()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"source": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Path of a local file to upload. Needs `sha256`. A relative path starts at the working directory; write `\"${path.module}/app.zip\"` for a file beside the configuration.",
				Validators:          []validator.String{tf.NotBlank("path")},
			},
			"content": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text of the file. It is kept in the state as it is: put no secrets into it.",
			},
			"archive": schema.DynamicAttribute{
				Optional: true,
				MarkdownDescription: "A `gogrid_bootstrap_archive`, whole: `archive = data.gogrid_bootstrap_archive.app`. The file at its `output_path` is uploaded when it is there and is what was planned; " +
					"otherwise the archive is built again from its recipe.",
			},
			"sha256": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "SHA-256 digest of the file in lower-case hex. Set it with `source`, for example to `filesha256(\"app.zip\")`, and only then.",
				Validators:          []validator.String{sha256Text()},
			},
			"retain": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether destroying the object leaves the file on Cloud Storage. " + tf.DefaultText(false),
			},
			"size": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Size of the file in bytes.",
			},
			"modified": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "When the file was last changed, as Cloud Storage shows it, RFC 3339. A file whose size and time are still those of the state is not read when refreshing. " +
					"Over SFTP it is up to a minute too early: that protocol tells whole seconds only, and two files of one second have to differ.",
			},
		},
	}
}

func storageObjectIdentity() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"path": identityschema.StringAttribute{RequiredForImport: true, Description: "Path on Cloud Storage."},
		},
	}
}
