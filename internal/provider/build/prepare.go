// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// prepare carries out the recipe in the sandbox.
func (b *Build) prepare(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case b.Recipe == nil:
		return nil
	case b.Recipe.Manual:
		if err := b.awaitByHand(ctx); err != nil {
			diags.Append(tf.AttributeFailure(path.Root("prepare").AtName("mode"), "wait until "+machine.Describe(*b.sandbox)+" was prepared by hand", err))
		}
		return diags
	case !b.sandbox.State.Matches(client.StateOn):
		diags.AddAttributeError(path.Root("prepare"), fmt.Sprintf("Cannot prepare %s", machine.Describe(*b.sandbox)),
			fmt.Sprintf("Its state is %s, and the provider can log in only to a sandbox that is on. Switch it on and run the same command again.", b.sandbox.State.Name))
		return diags
	}
	// Log in. A resumed build accepts only the host key of the first login.
	login := b.Recipe.Login
	if login.Target.HostKey == "" {
		login.Target.HostKey = b.HostKey
	}
	guest, err := logIn(ctx, b.session, *b.sandbox, login)
	if err != nil {
		diags.Append(tf.AttributeFailure(path.Root("prepare").AtName("connection"), "log in to "+machine.Describe(*b.sandbox), err))
		return diags
	}
	defer func() { _ = guest.Close() }() // all commands have ended
	b.HostKey = guest.HostKey()

	// Run the steps in order and stop at the first failure.
	if failed, err := runSteps(ctx, guest, b.steps()); err != nil {
		diags.Append(tf.AttributeFailure(failed.at, fmt.Sprintf("prepare %s: %s", machine.Describe(*b.sandbox), failed.what), err))
	}
	return diags
}

// step is one upload, command, script or restart of a recipe.
type step struct {
	at       path.Path
	what     string
	restarts bool // whether this is a command or script that restarts the server
	run      func(context.Context, *guest) error
}

// steps returns the steps of the recipe in the order in which they run.
func (b *Build) steps() []step {
	at := path.Root("prepare")
	var all []step
	for i, file := range b.Recipe.Files {
		all = append(all, step{at: at.AtName("files").AtListIndex(i), what: "upload of " + file.Destination, run: uploadOf(file)})
	}
	for _, file := range b.Recipe.Secrets {
		all = append(all, step{at: at.AtName("secret_files_wo"), what: "upload of " + file.Destination, run: uploadOf(file)})
	}
	for _, described := range b.Recipe.AllSteps() {
		all = append(all, stepOf(described, b.Recipe.Environment))
	}
	if text := b.Recipe.PrepCommand; text != "" {
		all = append(all, stepOf(prepare.Step{At: at.AtName("prep_command"), Name: "prep_command", Command: text}, b.Recipe.Environment))
	}
	return all
}

// stepOf returns the step that runs a command or script with the environment, or
// restarts the server.
func stepOf(described prepare.Step, environment map[string]string) step {
	s := step{at: described.At, what: described.Name, restarts: described.Restarts()}
	switch {
	case described.Restart:
		s.what += ": restart"
		s.run = func(ctx context.Context, g *guest) error { return g.restart(ctx) }
	case described.Script != nil:
		s.what = "script " + described.Script.Source
		s.run = scriptOf(*described.Script, environment)
	default:
		s.run = func(ctx context.Context, g *guest) error {
			return g.Run(ctx, communicator.Command{Script: described.Command, Environment: environment, Output: outputOf(ctx, described.Name)})
		}
	}
	return s
}

// uploadOf returns the step function that uploads a file.
func uploadOf(f prepare.File) func(context.Context, *guest) error {
	return func(ctx context.Context, g *guest) error {
		err := g.Upload(ctx, communicator.File{Destination: f.Destination, Mode: f.Mode, Open: f.Open, SHA256: f.SHA256})
		var changed *communicator.SourceChangedError
		if errors.As(err, &changed) && f.Source != "" {
			return fmt.Errorf("the file %s has changed since the plan; plan again to build the image from its new content: %w", f.Source, err)
		}
		return err
	}
}

// scriptOf returns the step function that runs a script.
func scriptOf(script prepare.File, environment map[string]string) func(context.Context, *guest) error {
	return func(ctx context.Context, g *guest) error {
		text, err := script.Read()
		if err != nil {
			return err
		}
		return g.Run(ctx, communicator.Command{
			Script: text, Name: script.Source, Environment: environment, Output: outputOf(ctx, script.Source),
		})
	}
}
