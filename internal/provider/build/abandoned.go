// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// The sandbox of a build and the server that verifies its image are named after
// a digest of the recipe. If the recipe changes after a build was killed, the
// next apply cannot resume that build, and its objects are abandoned. The
// descriptions of such objects name the image, and their tags name the
// deployment.

// SandboxDescription returns the description of a build's sandbox, without the
// ownership tag.
func SandboxDescription(friendlyName string) string { return "Builds image " + shortName(friendlyName) }

// verifierDescription returns the description of a server that verifies an
// image, without the ownership tag.
func verifierDescription(friendlyName string) string {
	return "Verifies image " + shortName(friendlyName)
}

// shortName truncates an image's name to leave room for the ownership tag.
func shortName(friendlyName string) string {
	name := []rune(friendlyName)
	return string(name[:min(len(name), maxNameInDescription)])
}

// findAbandoned returns the objects left by earlier builds of the image with a
// different recipe: their sandboxes, and the servers that verified their
// images. It finds no objects if the provider block sets no deployment.
func findAbandoned(ctx context.Context, s *session.Session, friendlyName, key string) ([]client.Server, error) {
	if s.Deployment == "" {
		return nil, nil
	}
	servers, err := s.Client.Snapshot.EveryServer(ctx)
	if err != nil {
		return nil, err
	}
	var found []client.Server
	for _, server := range servers {
		tag := ownership.Of(server.Description)
		serverKey, _, _ := strings.Cut(tag.Key, "/")
		if tag.Deployment != s.Deployment || serverKey == "" || serverKey == key || s.Known.HasSeen(server.IP.Address) {
			continue
		}
		text := ownership.Strip(server.Description)
		sandbox := server.IsSandbox && server.Name == machine.BuildName(serverKey) && text == SandboxDescription(friendlyName)
		verifier := !server.IsSandbox && server.Name == verifierName(serverKey) && text == verifierDescription(friendlyName)
		if sandbox || verifier {
			found = append(found, server)
		}
	}
	return found, nil
}

// removeAbandoned deletes the objects left by abandoned builds of the image. If
// the recipe is carried out by hand, removeAbandoned keeps the objects and
// warns about them.
func (b *Build) removeAbandoned(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	s := b.session
	name := b.FriendlyName
	found, err := findAbandoned(ctx, s, name, b.Key)
	if err != nil {
		diags.Append(tf.Failure(fmt.Sprintf("look for abandoned builds of image %q", name), err))
		return diags
	}
	for _, server := range found {
		if b.Recipe != nil && b.Recipe.Manual {
			diags.AddWarning("Kept "+machine.Describe(server), "It was left by an earlier build of this image with a different recipe. It may hold work done by hand, so it was not deleted. It is billed until you delete it.")
			continue
		}
		kind := machine.Spec{Sandbox: server.IsSandbox}.Kind()
		if !s.Known.TryDelete(kind, server.IP.Address) {
			continue // another build of this process uses the server
		}
		s.Known.See(server.Addresses()...)
		if err := machine.Delete(ctx, s, server); err != nil {
			diags.AddWarning("Could not delete "+machine.Describe(server), tf.Explain(err)+" It was left by an abandoned build of this image. It is billed until it is deleted. The next build of the image tries again.")
			continue
		}
		diags.AddWarning("Deleted "+machine.Describe(server), fmt.Sprintf("It was left by an interrupted build of image %q, and the recipe has changed since then.", name))
	}
	return diags
}

// WarnAbandoned warns at plan time about the abandoned objects that the build
// will delete.
func WarnAbandoned(ctx context.Context, s *session.Session, friendlyName, key string) diag.Diagnostics {
	var diags diag.Diagnostics
	found, err := findAbandoned(ctx, s, friendlyName, key)
	if err != nil {
		return diags // the build searches again and reports the error
	}
	for _, server := range found {
		if s.Phase.FirstTime("abandoned/" + server.IP.Address) {
			diags.AddAttributeWarning(path.Root("build"), "An interrupted build left "+machine.Describe(server),
				"It carries this deployment's tag and is billed. The recipe has changed since then, so the apply deletes it before it builds the image.")
		}
	}
	return diags
}

// maxNameInDescription is the maximum number of characters of an image's name
// in the description of its sandbox. It leaves room for the ownership tag.
const maxNameInDescription = 200
