// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Contact checks the endpoint, the key and its role with one call, and sets ReadOnly.
// source is the sentence that says where the endpoint was set. Contact ignores other
// failures, such as an overloaded service, because they are not errors in the
// configuration. A resource that needs the grid reports them.
func (s *Session) Contact(ctx context.Context, source string) diag.Diagnostics {
	var diags diag.Diagnostics
	err := s.Client.Contact(ctx)
	var wrong *client.ContactError
	switch {
	case err == nil:
	case errors.As(err, &wrong):
		diags.AddAttributeError(path.Root("endpoint"), "No GoGrid API at "+wrong.Endpoint,
			tf.Sentence(wrong.Error())+"\n\n"+source+" It must be the base URL of the API, such as "+client.DefaultEndpoint+". "+
				"A simulated grid prints its URL when it starts, and answers as long as it runs. If the URL is right, check the network and run the same command again.")
	case client.IsDenied(err):
		s.ReadOnly = true
	case client.IsCertificateError(err):
		diags.Append(tf.AttributeFailure(path.Root("ca_certificate_file"), "trust the endpoint", err))
	case client.IsUnauthenticated(err):
		diags.Append(tf.AttributeFailure(path.Root("shared_secret"), "sign in to GoGrid", err))
	default:
		tflog.Warn(ctx, "could not read the role of the API key", map[string]any{"error": err.Error()})
	}
	return diags
}
