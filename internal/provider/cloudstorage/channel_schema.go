// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// startupFile accepts a path on Cloud Storage that the startup script accepts.
func startupFile() tf.TextRule {
	return tf.TextRule{Kind: "path", Rule: "a path on Cloud Storage that servers accept, such as releases/app.zip", Check: func(text string) error {
		err := startup.CheckFile(text)
		if err == nil {
			err = storage.CheckPath(text)
		}
		if err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
		return nil
	}}
}

func storageChannelSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A channel: a small file on Cloud Storage, `channels/<name>.json`, that names the release that servers of the channel load at boot (see `gogrid_startup_script`). " +
			"A change does not restart servers: each server loads the new release at its next boot.\n\n" +
			"The file is replaced in one step, after a check that the archive is on Cloud Storage. The file also records the previous release. To go back, set `release`, `archive` and `sha256` to the `previous_` values. " +
			"The previous archive must still exist: set `retain = true` in its `gogrid_storage_object`.\n\n" +
			"A channel that was changed or removed outside of Terraform shows as a change. Destroying the channel removes the file but not the archive; servers then keep their release.\n\n" +
			"Needs the provider's `cloud_storage` block. If a refresh cannot reach Cloud Storage, or finds no files at all, it keeps the state and warns.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Name of the channel."),
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Name of the channel, the same as `channel` of `gogrid_startup_script`: 1 to 64 letters, digits, dots, dashes and underscores. An existing channel that names another release is not overwritten: " +
					"import it. If the provider's `deployment` is set, a channel that this deployment wrote is taken over. Changing this replaces the channel.",
				Validators:    []validator.String{tf.StartupName("name")},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"release": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the release, for example `data.gogrid_bootstrap_archive.app.release`. Servers distinguish releases by name, so each release needs a different name. Updated in place.",
				Validators:          []validator.String{tf.StartupName("release")},
			},
			"archive": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path of the release's archive on Cloud Storage, for example `gogrid_storage_object.app.path`. The file must exist when the channel is created or changed. Updated in place.",
				Validators:          []validator.String{startupFile()},
			},
			"sha256": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "SHA-256 digest of the archive in lower-case hex, for example `gogrid_storage_object.app.sha256`. Servers check the digest. Updated in place.",
				Validators:          []validator.String{sha256Text()},
			},
			"path": tf.ComputedText("Path of the file on Cloud Storage."),
			"previous_release": tf.ComputedText("Previous release of the channel; null if there was none. Unknown in the plan of a change, because the apply reads the value from the file, " +
				"which other programs can change."),
			"previous_archive": tf.ComputedText("Path of the archive of `previous_release`."),
			"previous_sha256":  tf.ComputedText("SHA-256 digest of the archive of `previous_release`."),
			"updated_at":       tf.ComputedText("Time of the last change of the channel, in RFC 3339; null if the file holds no time."),
			"updated_by":       tf.ComputedText("Deployment (`deployment` of the provider block) that last changed the channel; empty if none was set."),
		},
	}
}

func storageChannelIdentity() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the channel."},
		},
	}
}
