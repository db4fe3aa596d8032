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
	session, err := logIn(ctx, b.session, *b.sandbox, login)
	if err != nil {
		diags.Append(tf.AttributeFailure(path.Root("prepare").AtName("connection"), "log in to "+machine.Describe(*b.sandbox), err))
		return diags
	}
	defer func() { _ = session.Close() }() // all commands have ended
	b.HostKey = session.HostKey()

	// Run the steps in order and stop at the first failure.
	for _, step := range b.steps() {
		if err := step.run(ctx, session); err != nil {
			diags.Append(tf.AttributeFailure(step.at, fmt.Sprintf("prepare %s: %s", machine.Describe(*b.sandbox), step.what), err))
			return diags
		}
	}
	return diags
}

// step is one upload, command or script of a recipe.
type step struct {
	at   path.Path
	what string
	run  func(context.Context, communicator.Session) error
}

// steps returns the steps of the recipe in the order in which they run.
func (b *Build) steps() []step {
	prepare := path.Root("prepare")
	var all []step
	for i, file := range b.Recipe.Files {
		all = append(all, step{prepare.AtName("files").AtListIndex(i), "upload of " + file.Destination, uploadOf(file)})
	}
	for _, file := range b.Recipe.Secrets {
		all = append(all, step{prepare.AtName("secret_files_wo"), "upload of " + file.Destination, uploadOf(file)})
	}
	for i, command := range b.Recipe.Commands {
		all = append(all, b.command(prepare.AtName("commands").AtListIndex(i), fmt.Sprintf("commands[%d]", i), command))
	}
	for i, script := range b.Recipe.Scripts {
		all = append(all, step{prepare.AtName("scripts").AtListIndex(i), "script " + script.Source, b.script(script)})
	}
	if b.Recipe.PrepCommand != "" {
		all = append(all, b.command(prepare.AtName("prep_command"), "prep_command", b.Recipe.PrepCommand))
	}
	return all
}

// uploadOf returns the step function that uploads a file.
func uploadOf(f prepare.File) func(context.Context, communicator.Session) error {
	return func(ctx context.Context, session communicator.Session) error {
		err := session.Upload(ctx, communicator.File{Destination: f.Destination, Mode: f.Mode, Open: f.Open, SHA256: f.SHA256})
		var changed *communicator.SourceChangedError
		if errors.As(err, &changed) && f.Source != "" {
			return fmt.Errorf("the file %s has changed since the plan; plan again to build the image from its new content: %w", f.Source, err)
		}
		return err
	}
}

func (b *Build) command(at path.Path, name, text string) step {
	return step{at, name, func(ctx context.Context, session communicator.Session) error {
		return session.Run(ctx, communicator.Command{Script: text, Name: text, Environment: b.Recipe.Environment, Output: outputOf(ctx, name)})
	}}
}

func (b *Build) script(script prepare.File) func(context.Context, communicator.Session) error {
	return func(ctx context.Context, session communicator.Session) error {
		text, err := script.Read()
		if err != nil {
			return err
		}
		return session.Run(ctx, communicator.Command{
			Script: text, Name: script.Source, Environment: b.Recipe.Environment, Output: outputOf(ctx, script.Source),
		})
	}
}
