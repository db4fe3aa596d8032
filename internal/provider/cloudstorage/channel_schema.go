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

// startupFile accepts a path on Cloud Storage that the scripts of servers take.
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
		MarkdownDescription: "A channel: a small file on Cloud Storage, `channels/<name>.json`, that names the release which servers of the channel load when they boot (see `gogrid_startup_script`). " +
			"Changing it restarts no server: each loads the new release at its next boot.\n\n" +
			"The file is replaced in one step, and only once the archive that it names is on Cloud Storage. It keeps what it named before. Going back is a change like any other: set `release`, `archive` and `sha256` to the `previous_` ones. " +
			"For that, the archive must still be there: put `retain = true` on its `gogrid_storage_object`.\n\n" +
			"A channel that somebody else has changed or removed shows as a change. Destroying it removes the file and no archive; servers then stay on the release that they have.\n\n" +
			"Needs the provider's `cloud_storage` block. If Cloud Storage cannot be reached while refreshing, or shows no files at all, the state is kept, with a warning.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("The name."),
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Name of the channel, as `channel` of `gogrid_startup_script` has it: 1 to 64 letters, digits, dots, dashes and underscores. A channel that is there already and names something else is not replaced: " +
					"import it. With the provider's `deployment` set, one that this deployment wrote is taken over. A change replaces the channel.",
				Validators:    []validator.String{tf.StartupName("name")},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"release": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the release, for example `data.gogrid_bootstrap_archive.app.release`. Servers keep releases apart by it, so each gets a name of its own.",
				Validators:          []validator.String{tf.StartupName("release")},
			},
			"archive": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Path of the release's archive on Cloud Storage, for example `gogrid_storage_object.app.path`. It must be there when the channel is changed.",
				Validators:          []validator.String{startupFile()},
			},
			"sha256": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "SHA-256 digest of the archive in lower-case hex, for example `gogrid_storage_object.app.sha256`. Servers check it.",
				Validators:          []validator.String{sha256Text()},
			},
			"path": tf.ComputedText("Path of the file on Cloud Storage."),
			"previous_release": tf.ComputedText("The release that the channel named before; null as long as there was none. It is not known before a change is applied, since it is what the file then says, " +
				"whoever has written it."),
			"previous_archive": tf.ComputedText("Path of the archive of `previous_release`."),
			"previous_sha256":  tf.ComputedText("SHA-256 digest of the archive of `previous_release`."),
			"updated_at":       tf.ComputedText("When the channel was last changed, RFC 3339; null if whoever wrote it has not said."),
			"updated_by":       tf.ComputedText("The provider's `deployment` that has changed it last; empty if none was set."),
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
