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

// storagePrefix accepts the beginning of a path on Cloud Storage.
func storagePrefix() tf.TextRule {
	return tf.TextRule{Kind: "prefix", Rule: "the beginning of a relative path, such as releases/", Check: func(text string) error {
		if err := storage.CheckPrefix(text); err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
		return nil
	}}
}

var hexDigest = regexp.MustCompile("^[0-9a-f]{64}$")

// sha256Text accepts a digest in the form that filesha256() returns.
func sha256Text() tf.TextRule {
	const rule = "a SHA-256 digest of 64 lower-case hex digits, as filesha256() returns it"
	return tf.TextRule{Kind: "digest", Rule: rule, Check: func(text string) error {
		if !hexDigest.MatchString(text) {
			return fmt.Errorf("%q is not %s", text, rule)
		}
		return nil
	}}
}

func storageObjectSchema() schema.Schema {
	return schema.Schema{
		Version: 1,
		MarkdownDescription: "A file on Cloud Storage. The provider uploads the file under a temporary name, checks it and renames it in one step, so no client ever loads an incomplete file. " +
			"An existing file with the right content is not uploaded again. A file that was replaced or removed outside of Terraform shows as a change.\n\n" +
			"Exactly one of `source`, `content` and `archive` sets the content. A plan compares digests and opens no file, so a saved plan can be applied on another machine. " +
			"The apply reads the file, or builds the archive again, and fails if the result differs from the plan.\n\n" +
			"Needs the provider's `cloud_storage` block. If a refresh cannot reach Cloud Storage, or finds no files at all, it keeps the state and warns.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Path of the file."),
			"path": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Path on Cloud Storage, relative to the share, with `/` between folders, for example `releases/app.zip`. Missing folders are created and are not removed with the file. " +
					"An existing file with different content is not overwritten: import it. Changing this replaces the object.",
				Validators:    []validator.String{storagePath()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"source": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Path of a local file to upload, at most 100 GiB. Needs `sha256`. A relative path starts at the working directory: write `\"${path.module}/app.zip\"` for a file beside the configuration. Updated in place.",
				Validators:          []validator.String{tf.NotBlank("path")},
			},
			"content": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text of the file. The state holds the text unencrypted: do not use this attribute for secrets. Updated in place.",
			},
			"archive": schema.DynamicAttribute{
				Optional:  true,
				WriteOnly: true,
				MarkdownDescription: "A whole `gogrid_bootstrap_archive`: `archive = data.gogrid_bootstrap_archive.app`. The provider uploads the file at `output_path` if that is the planned archive, " +
					"and otherwise builds the archive again. Write-only: plan and state hold only `sha256` and `size`, and a different `sha256` uploads the archive. Updated in place.",
			},
			"sha256": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "SHA-256 digest of the file in lower-case hex. Must be set if and only if `source` is, for example to `filesha256(\"app.zip\")`.",
				Validators:          []validator.String{sha256Text()},
			},
			"retain": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether destroying the object leaves the file on Cloud Storage. " + tf.DefaultText(false) + " A file that a `gogrid_storage_channel` names stays until the channel names another one. Updated in place.",
			},
			"size": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Size of the file in bytes.",
			},
			"modified": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Modification time that Cloud Storage reports, in RFC 3339. A refresh reads the file only if its size or time differs from the state. " +
					"SFTP has no fractions of a second, so over SFTP the provider sets the time up to a minute early, which gives two uploads in one second different times.",
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
