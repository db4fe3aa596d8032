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

// Build is the making of one image: from a sandbox that exists, or from
// one of its own that is made for it and deleted afterwards.
//
// How far an interrupted build has come is told by the grid, since a killed
// process saves no state: by the mark of its sandbox (whether preparing it may
// have begun), by the mark and the state of its image, and by the mark of the
// server that verifies it. See build_sandbox.go.
type Build struct {
	Request

	session  *session.Session
	sandbox  *client.Server // nil while there is none
	verifier *client.Server // nil while there is none
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
	SandboxID    string          // the existing sandbox to save; unused if own is set
	Own          *machine.Spec   // the sandbox that the build creates and deletes; nil: save sandboxID
	Keep         bool            // keep the own sandbox if the build fails
	Recipe       *prepare.Recipe // nil: the sandbox is saved as it is
	Verification *Verification   // nil: the image is not verified
	HostKey      string          // host key of the sandbox, once it is known
}

// Verification is what the verify block asks for.
type Verification struct {
	Commands []string
	RAM      string        // empty: the least that the image needs
	Timeout  time.Duration // until the login must have worked, from when GoGrid shows "On"
}

// New prepares a build. Nothing happens on the grid before begin.
func New(s *session.Session, request Request) *Build {
	return &Build{session: s, Request: request}
}

// Rekey makes the build find what an earlier process has made under a key.
func (b *Build) Rekey(key string) {
	b.Key = key
	if b.Own != nil {
		b.Own.Key, b.Own.Name = key, machine.BuildName(key)
	}
}

// buildKind is the kind of builds in session.Known. The key of a build is Build.Key.
const buildKind = "build"

// Begin brings the image into being and returns it as soon as it has an id,
// while it is still being saved. What an interrupted apply began is gone on
// with.
func (b *Build) Begin(ctx context.Context) (*client.Image, diag.Diagnostics) {
	var diags diag.Diagnostics
	b.session.Phase.BeginApply()
	b.session.Known.Adopt(buildKind, b.Key)
	known, err := b.session.Client.Snapshot.EveryImage(ctx)
	if err != nil {
		diags.Append(tf.Failure("list the account's images", err))
		return nil, diags
	}
	image, diags := b.adoptImage(known)
	if image != nil || diags.HasError() {
		return image, diags
	}
	for _, phase := range []func(context.Context) diag.Diagnostics{b.ensureSandbox, b.prepare} {
		diags.Append(phase(ctx)...)
		if diags.HasError() {
			return nil, diags
		}
	}
	image, err = b.saveSandbox(ctx)
	if err != nil {
		diags.Append(tf.AttributeFailure(b.source(), fmt.Sprintf("save %s as image %q", machine.Describe(*b.sandbox), b.FriendlyName), err))
		return nil, diags
	}
	return image, diags
}

// source is the attribute that says what the image is made from.
func (b *Build) source() path.Path {
	if b.Own != nil {
		return path.Root("build")
	}
	return path.Root("sandbox_id")
}

// Finish waits until the image is saved, deletes the build's own sandbox,
// which is billed for as long as it is there, and verifies the image.
func (b *Build) Finish(ctx context.Context, image client.Image) (*client.Image, error) {
	saved, err := awaitSaved(ctx, b.session, image)
	if err != nil {
		return saved, err
	}
	if err := b.removeSandbox(ctx); err != nil {
		return saved, err
	}
	if err := b.verify(ctx, *saved); err != nil {
		return saved, err
	}
	b.complete = true
	return Edit(ctx, b.session, b.Request, *saved)
}
