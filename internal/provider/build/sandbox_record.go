// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// sandboxKey is where private state has the public address of a sandbox that
// an unfinished build has left. What must survive a killed provider is in the
// sandbox's mark; this is for who sets no deployment, and for deletions.
const sandboxKey = "sandbox"

// RecordSandbox records the address of the sandbox in private state, so that a
// deletion finds the sandbox of an unfinished build.
func (b *Build) RecordSandbox(ctx context.Context, private tf.PrivateWriter) diag.Diagnostics {
	if b.Own == nil || b.sandbox == nil {
		return nil
	}
	address, err := json.Marshal(b.sandbox.IP.Address)
	if err != nil {
		return diag.Diagnostics{tf.Failure("note the sandbox in the private state", err)}
	}
	return private.SetKey(ctx, sandboxKey, address)
}

// ClearSandboxRecord removes the note; an empty value removes a key.
func ClearSandboxRecord(ctx context.Context, private tf.PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, sandboxKey, nil)
}

// FindUnfinishedSandbox returns the sandbox that an unfinished build has left, nil when
// there is none any more. It has the name that the provider gives to this build
// alone. Where there is an image, the name is not enough, as another state may
// build the same: the note or this deployment's mark has to tell. Terraform
// keeps the note from a deletion that is half of a tainted object's
// replacement. A sandbox that this process goes on with counts as none.
func FindUnfinishedSandbox(ctx context.Context, s *session.Session, spec machine.Spec, saved bool, private tf.PrivateReader) (*client.Server, diag.Diagnostics) {
	if s.Known.HasAdopted(buildKind, spec.Key) {
		return nil, nil // a build of this process uses what is there
	}
	address, diags := recordedAddress(ctx, private)
	if diags.HasError() {
		return nil, diags
	}
	servers, err := s.Client.Snapshot.EveryServer(ctx)
	if err != nil {
		diags.Append(tf.Failure("look for "+spec.String(), err))
		return nil, diags
	}
	for _, server := range servers {
		ours := !saved || server.IP.Address == address ||
			s.Tag(spec.Key).On(server.Description) || s.Tag(preparingKey(spec.Key)).On(server.Description)
		if ours && server.IsSandbox && server.Name == spec.Name && !s.Known.HasAdopted(spec.Kind(), server.IP.Address) {
			return &server, diags
		}
	}
	return nil, diags
}

// recordedAddress is the address in the note, empty when there is none.
func recordedAddress(ctx context.Context, private tf.PrivateReader) (string, diag.Diagnostics) {
	noted, diags := private.GetKey(ctx, sandboxKey)
	if len(noted) == 0 || diags.HasError() {
		return "", diags
	}
	var address string
	if err := json.Unmarshal(noted, &address); err != nil {
		diags.Append(tf.Failure("read the note about the sandbox in the private state", err))
	}
	return address, diags
}

// HasUnfinishedSandbox reports whether an interrupted apply has left the sandbox of a
// build.
func HasUnfinishedSandbox(ctx context.Context, s *session.Session, spec machine.Spec, key string) bool {
	orphan, err := findTagged(ctx, s, spec, key, preparingKey(key))
	return err == nil && orphan != nil
}
