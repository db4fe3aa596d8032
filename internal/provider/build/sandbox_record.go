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

// sandboxKey is the private state key that holds the public address of a
// sandbox left by an unfinished build. A deletion uses the record to find the
// sandbox, even if no deployment is configured. A killed provider cannot write
// the record and leaves only the sandbox's tag.
const sandboxKey = "sandbox"

// RecordSandbox records the address of the sandbox in private state, so that a
// deletion finds the sandbox of an unfinished build.
func (b *Build) RecordSandbox(ctx context.Context, private tf.PrivateWriter) diag.Diagnostics {
	if b.Own == nil || b.sandbox == nil {
		return nil
	}
	address, err := json.Marshal(b.sandbox.IP.Address)
	if err != nil {
		return diag.Diagnostics{tf.Failure("record the sandbox in the private state", err)}
	}
	return private.SetKey(ctx, sandboxKey, address)
}

// ClearSandboxRecord removes the record of the sandbox. Terraform removes a key
// whose value is empty.
func ClearSandboxRecord(ctx context.Context, private tf.PrivateWriter) diag.Diagnostics {
	return private.SetKey(ctx, sandboxKey, nil)
}

// FindUnfinishedSandbox returns the sandbox left by an unfinished build, or nil
// if there is none. It finds the sandbox by its name, which the provider
// derives from the key of the build.
//
// If saved is true, the state has an image. Another state may then build the
// same image, so the sandbox must also match the record in private state or
// carry this deployment's tag. Terraform does not pass the record to a deletion
// that belongs to the replacement of a tainted object.
//
// FindUnfinishedSandbox never returns a sandbox that a build of this process
// uses.
func FindUnfinishedSandbox(ctx context.Context, s *session.Session, spec machine.Spec, saved bool, private tf.PrivateReader) (*client.Server, diag.Diagnostics) {
	if s.Known.HasAdopted(buildKind, spec.Key) {
		return nil, nil // a build of this process uses the sandbox
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

// recordedAddress returns the recorded address of the sandbox, or "" if private
// state has none.
func recordedAddress(ctx context.Context, private tf.PrivateReader) (string, diag.Diagnostics) {
	record, diags := private.GetKey(ctx, sandboxKey)
	if len(record) == 0 || diags.HasError() {
		return "", diags
	}
	var address string
	if err := json.Unmarshal(record, &address); err != nil {
		diags.Append(tf.Failure("read the record of the sandbox in the private state", err))
	}
	return address, diags
}

// HasUnfinishedSandbox reports whether an interrupted apply has left the sandbox
// of a build. It returns false if the grid cannot be read.
func HasUnfinishedSandbox(ctx context.Context, s *session.Session, spec machine.Spec, key string) bool {
	orphan, err := findTagged(ctx, s, spec, key, preparingKey(key))
	return err == nil && orphan != nil
}
