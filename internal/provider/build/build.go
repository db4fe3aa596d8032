// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Build makes one image from an existing sandbox, or from a sandbox that it
// creates and deletes.
//
// A killed process saves no state, so a build reads its progress from the grid.
// The tag of the sandbox shows whether preparation may have begun (see
// preparingKey). The tag and the state of the image show whether the image is
// saved. The tag of the verifying server shows that verification has begun.
type Build struct {
	Request

	session  *session.Session
	sandbox  *client.Server // nil if the build has no sandbox
	verifier *client.Server // nil if no verifying server exists
	complete bool           // the image is saved and verified
}

// Request describes an image: the values that the grid stores, and how to
// build it.
type Request struct {
	FriendlyName string
	Description  types.String // as configured; null and empty mean the same on the grid
	Deployment   types.String // as recorded in the state; null if the image carries no tag
	IsPublic     bool

	Key          string          // distinguishes builds of one deployment; part of all their tags
	SandboxID    string          // the existing sandbox to save; unused if Own is set
	Own          *machine.Spec   // the sandbox that the build creates and deletes; nil to save SandboxID
	Keep         bool            // keep the Own sandbox if the build fails
	Recipe       *prepare.Recipe // nil to save the sandbox as it is
	Verification *Verification   // nil to skip the verification of the image
	HostKey      string          // host key of the sandbox; empty until the first SSH login
}

// Verification holds the settings of the verify block.
type Verification struct {
	Steps   []prepare.Step
	RAM     string        // empty for the smallest size that the image allows
	Timeout time.Duration // longest wait for a login after GoGrid shows the server as "On", and longest duration of a restart
}

// Restarts returns the number of steps that restart the server.
func (v *Verification) Restarts() int {
	count := 0
	for _, step := range v.Steps {
		if step.Restart {
			count++
		}
	}
	return count
}

// New returns a build. It does not call the grid; [Build.Begin] does.
func New(s *session.Session, request Request) *Build {
	return &Build{session: s, Request: request}
}

// Rekey changes the build's key to one under which an earlier process created
// objects, so that the build finds them.
func (b *Build) Rekey(key string) {
	b.Key = key
	if b.Own != nil {
		b.Own.Key, b.Own.Name = key, machine.BuildName(key)
	}
}

// buildKind is the kind under which session.Known records builds. The key is
// Build.Key.
const buildKind = "build"

// Begin starts to save the image, and returns the image as soon as it has an
// id, while GoGrid is still saving it. Begin resumes the build of an
// interrupted apply. The image is nil if the diagnostics hold an error.
func (b *Build) Begin(ctx context.Context) (*client.Image, diag.Diagnostics) {
	var diags diag.Diagnostics
	b.session.Phase.BeginApply()
	b.session.Known.Adopt(buildKind, b.Key)
	// Adopt the image if an interrupted apply already started to save it.
	images, err := b.session.Client.Snapshot.EveryImage(ctx)
	if err != nil {
		diags.Append(tf.Failure("list the account's images", err))
		return nil, diags
	}
	image, diags := b.adoptImage(images)
	if image != nil || diags.HasError() {
		return image, diags
	}
	// Find or create the sandbox, then carry out the recipe in it.
	for _, phase := range []func(context.Context) diag.Diagnostics{b.ensureSandbox, b.prepare} {
		diags.Append(phase(ctx)...)
		if diags.HasError() {
			return nil, diags
		}
	}
	// Save the sandbox as an image.
	image, err = b.saveSandbox(ctx)
	if err != nil {
		diags.Append(tf.AttributeFailure(b.source(), fmt.Sprintf("save %s as image %q", machine.Describe(*b.sandbox), b.FriendlyName), err))
		return nil, diags
	}
	return image, diags
}

// source returns the path of the attribute that names the image's sandbox.
func (b *Build) source() path.Path {
	if b.Own != nil {
		return path.Root("build")
	}
	return path.Root("sandbox_id")
}

// Finish waits until the image is saved, deletes the build's own sandbox and
// verifies the image. It returns the image as the grid shows it; the image may be
// non-nil together with an error.
func (b *Build) Finish(ctx context.Context, image client.Image) (*client.Image, error) {
	saved, err := awaitSaved(ctx, b.session, image)
	if err != nil {
		return saved, err
	}
	// Delete the sandbox first: it is billed for as long as it exists.
	if err := b.removeSandbox(ctx); err != nil {
		return saved, err
	}
	if err := b.verify(ctx, *saved); err != nil {
		return saved, err
	}
	// The configuration may have changed since an interrupted apply saved the image.
	b.complete = true
	return Edit(ctx, b.session, b.Request, *saved)
}
