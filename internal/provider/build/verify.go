// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// errNotVerified reports that an image failed its verification.
var errNotVerified = errors.New("a server that was started from the image does not pass verify")

// verify starts a server from the image, runs the steps of the verify block in it,
// and deletes it. The error is errNotVerified if a step or the login fails.
// After an error the server remains for the caller to delete.
func (b *Build) verify(ctx context.Context, image client.Image) (err error) {
	if b.Verification == nil {
		return nil
	}
	// Delete the server of an interrupted verification.
	if err := b.removeVerifier(ctx, image); err != nil {
		return err
	}
	// Start a server from the image.
	server, _, problems := machine.Create(ctx, b.session, b.verifierSpec(image))
	if server == nil {
		failed := tf.Diagnostics(problems).Errors()[0]
		return fmt.Errorf("%s: %s", failed.Summary(), failed.Detail())
	}
	b.verifier = server
	if err := b.runVerification(ctx); err != nil {
		return err
	}
	// Delete the server: it is billed for as long as it exists.
	return b.removeVerifier(ctx, image)
}

// verifierSpec returns the desired state of the server that verifies the image.
func (b *Build) verifierSpec(image client.Image) machine.Spec {
	ram := b.Verification.RAM
	if ram == "" {
		ram = image.MinRAM.Name
	}
	return machine.Spec{
		Name:        verifierName(b.Key),
		Image:       tf.IDText(image.ID).ValueString(),
		RAM:         ram,
		Description: verifierDescription(image.FriendlyName),
		Key:         b.Key,
	}
}

// verifierName returns the name of the server that verifies an image. GoGrid allows
// 20 characters.
func verifierName(key string) string { return "verify-" + key }

// runVerification waits until the verifying server is on, logs in to it and runs
// the steps.
func (b *Build) runVerification(ctx context.Context) error {
	s := b.session
	current, err := machine.AwaitCreated(ctx, s, client.OperationCreateServer, *b.verifier)
	if err != nil {
		if machine.NeverCreated(err) {
			b.verifier = nil
		}
		return err
	}
	b.verifier = current
	if current.State.Matches(client.StateOff) {
		if current, err = machine.SwitchPower(ctx, s, *current, client.PowerOn); err != nil {
			return err
		}
		b.verifier = current
	}
	// Log in, and stop at the first step that fails.
	guest, err := logIn(ctx, s, *current, b.verifierLogin())
	if err != nil {
		return fmt.Errorf("%w: log in to %s: %w", errNotVerified, machine.Describe(*current), err)
	}
	defer func() { _ = guest.Close() }() // all commands have ended
	var steps []step
	for _, described := range b.Verification.Steps {
		described.Name = "verify." + described.Name
		steps = append(steps, stepOf(described, nil))
	}
	if failed, err := runSteps(ctx, guest, steps); err != nil {
		return fmt.Errorf("%w: %s: %w", errNotVerified, failed.what, err)
	}
	return nil
}

// verifierLogin returns the login for a server that was made from the image.
// Such a server has a new administrator password and a new host key; the other
// login settings are the same as for the sandbox.
func (b *Build) verifierLogin() prepare.Login {
	login := prepare.Login{Target: communicator.Target{Protocol: communicator.SSH}}
	if b.Recipe != nil {
		login = b.Recipe.Login
	}
	login.Target.HostKey = ""
	if administrators[login.Target.Username] {
		login.Target.Password = ""
	}
	login.Timeout = b.Verification.Timeout
	return login
}

// administrators holds the accounts whose password GoGrid replaces on each server
// that is made from an image. An empty name means the default account.
var administrators = map[string]bool{"": true, "root": true, "Administrator": true}

// removeVerifier deletes the verifying server, including one that an
// interrupted apply left. It does nothing if there is no such server.
func (b *Build) removeVerifier(ctx context.Context, image client.Image) error {
	if b.Verification == nil {
		return nil
	}
	if b.verifier == nil {
		orphan, err := findTagged(ctx, b.session, b.verifierSpec(image), b.Key)
		if err != nil || orphan == nil {
			return err
		}
		b.verifier = orphan
	}
	if err := machine.Delete(ctx, b.session, *b.verifier); err != nil {
		return fmt.Errorf("delete %s: %w", machine.Describe(*b.verifier), err)
	}
	b.verifier = nil
	return nil
}
