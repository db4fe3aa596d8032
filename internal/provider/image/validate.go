// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ resource.ResourceWithValidateConfig = (*myGSIImageResource)(nil)

// ValidateConfig returns errors for attributes that conflict or are missing. It
// also checks the required attributes of blocks: a schema would require them
// even if the block is missing, or if files are not known yet.
func (r *myGSIImageResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config myGSIImageModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkOrigin(config.SandboxID, config.Build)...)
	resp.Diagnostics.Append(checkRequired(path.Root("build"), config.Build, "image")...)
	resp.Diagnostics.Append(validateVerify(ctx, config.Verify)...)
	resp.Diagnostics.Append(validatePrepare(ctx, config.Prepare)...)
}

// checkOrigin returns an error unless exactly one of sandbox_id and build is set.
func checkOrigin(sandboxID types.String, build types.Object) diag.Diagnostics {
	var diags diag.Diagnostics
	at := path.Root("sandbox_id")
	switch {
	case sandboxID.IsNull() && build.IsNull():
		diags.AddAttributeError(at, "Missing sandbox_id or build",
			"An image is made from a sandbox. Set sandbox_id to use an existing sandbox, or add a build block to create a sandbox for the image.")
	case tf.IsSet(sandboxID) && tf.IsSet(build):
		diags.AddAttributeError(at, "Both sandbox_id and build",
			"An image is made from one sandbox: the existing sandbox that sandbox_id names, or the sandbox that the build block creates. Remove one of the two.")
	}
	return diags
}

// checkRequired returns an error if object is set and lacks the attribute. at is
// the path of the object, a block or a member of a list.
func checkRequired(at path.Path, object types.Object, attribute string) diag.Diagnostics {
	var diags diag.Diagnostics
	if tf.IsSet(object) && object.Attributes()[attribute].IsNull() {
		diags.AddAttributeError(at.AtName(attribute), "Missing "+attribute, fmt.Sprintf("The attribute is required in %s.", at))
	}
	return diags
}

// checkFiles returns an error for each member of prepare.files that lacks a
// destination, or that does not have exactly one of source and content.
func checkFiles(at path.Path, files types.List) diag.Diagnostics {
	var diags diag.Diagnostics
	for i, item := range files.Elements() {
		at := at.AtListIndex(i)
		file, ok := item.(types.Object)
		if !ok || file.IsUnknown() {
			continue
		}
		if file.IsNull() {
			diags.AddAttributeError(at, "Missing file", "A member of files must not be null. Remove it from the list.")
			continue
		}
		diags.Append(checkRequired(at, file, "destination")...)
		source, content := file.Attributes()["source"], file.Attributes()["content"]
		switch {
		case source.IsNull() && content.IsNull():
			diags.AddAttributeError(at.AtName("source"), "Missing source or content",
				"A file is uploaded either from a local file (source) or from a string (content). Give one of the two.")
		case tf.IsSet(source) && tf.IsSet(content):
			diags.AddAttributeError(at.AtName("source"), "Both source and content",
				"A file is uploaded either from a local file (source) or from a string (content). Remove one of the two.")
		}
	}
	return diags
}

// validatePrepare returns errors for attributes of the prepare block that conflict
// or are missing.
func validatePrepare(ctx context.Context, object types.Object) diag.Diagnostics {
	at := path.Root("prepare")
	var block prepare.Model
	diags := tf.ReadBlock(ctx, object, &block)
	if diags.HasError() {
		return diags
	}
	// In manual mode the provider does not log in.
	if block.Mode.ValueString() == prepare.ModeManual {
		diags.Append(checkUnused(at, `has no effect with mode = "manual": a person prepares the sandbox, and the provider does not log in to it`, map[string]attr.Value{
			"files": block.Files, "secret_files_wo": block.Secrets, "commands": block.Commands, "scripts": block.Scripts, "steps": block.Steps, "environment": block.Environment, "prep_command": block.PrepCommand,
		})...)
	}
	diags.Append(checkFiles(at.AtName("files"), block.Files)...)
	var others []string
	if tf.IsSet(block.Commands) {
		others = append(others, "commands")
	}
	if tf.IsSet(block.Scripts) {
		others = append(others, "scripts")
	}
	diags.Append(prepare.CheckSteps(at, block.Steps, others...)...)

	// Some attributes belong to only one protocol.
	at = at.AtName("connection")
	var connection prepare.ConnectionModel
	diags.Append(tf.ReadBlock(ctx, block.Connection, &connection)...)
	switch {
	case connection.Type.IsUnknown():
	case connection.Type.ValueString() == string(communicator.WinRM):
		diags.Append(checkUnused(at, "has no effect over WinRM: the server presents a certificate, and the login uses a password", map[string]attr.Value{
			"host_key": connection.HostKey, "private_key_wo": connection.PrivateKey,
		})...)
	default:
		diags.Append(checkUnused(at, `has no effect over SSH, where a server presents a host key. It needs WinRM (type = "winrm")`, map[string]attr.Value{
			"ca_certificate": connection.CACertificate, "insecure": connection.Insecure,
		})...)
	}
	diags.Append(checkRequired(at.AtName("bastion"), connection.Bastion, "host")...)
	return diags
}

// validateVerify returns errors unless the verify block has either commands or valid
// steps, but not both.
func validateVerify(ctx context.Context, object types.Object) diag.Diagnostics {
	at := path.Root("verify")
	var block prepare.VerifyModel
	diags := tf.ReadBlock(ctx, object, &block)
	switch {
	case diags.HasError() || !tf.IsSet(object):
	case block.Steps.IsNull() && block.Commands.IsNull():
		diags.AddAttributeError(at.AtName("commands"), "Missing commands", "The block verify needs commands, or steps if the server must restart between two commands.")
	case tf.IsSet(block.Commands):
		diags.Append(prepare.CheckSteps(at, block.Steps, "commands")...)
	default:
		diags.Append(prepare.CheckSteps(at, block.Steps)...)
	}
	return diags
}

// checkUnused returns an error for each given attribute that is set, because
// the provider would ignore the attribute. why completes a sentence that begins
// with the attribute's name.
func checkUnused(at path.Path, why string, values map[string]attr.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range values {
		if !value.IsNull() {
			diags.AddAttributeError(at.AtName(name), "Unused "+name, tf.Capitalised(name)+" "+why+". Remove it.")
		}
	}
	return diags
}

// checkLogin returns an error if the image needs a login for its preparation or
// verification, but the servers of the grid accept no logins.
func checkLogin(s *session.Session, m *myGSIImageModel, recipe *prepare.Recipe) diag.Diagnostics {
	switch {
	case recipe != nil && !recipe.Manual:
		return s.Guests.Check(path.Root("prepare"), fmt.Sprintf("prepare image %q", m.FriendlyName.ValueString()))
	case tf.IsSet(m.Verify):
		return s.Guests.Check(path.Root("verify"), fmt.Sprintf("verify image %q", m.FriendlyName.ValueString()))
	default:
		return nil
	}
}
