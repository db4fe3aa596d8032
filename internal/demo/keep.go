// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// environmentFile is the file that a shell sources to work on a kept grid.
const environmentFile = "env.sh"

// keepTimeout limits the calls that collect the data that keep prints.
const keepTimeout = time.Minute

// keep leaves the grid running and prints the commands to use and remove it. An
// interrupted demo also keeps its grid.
func (d *demo) keep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := d.writeEnvironment(); err != nil {
		return err
	}
	uses, err := d.uses(ctx)
	program := d.Engine.Command()
	fmt.Fprintf(d.out, "\n%s\n\n   cd %s && . ../%s\n\n", d.paint(bold, "The grid keeps running. First, in a shell:"), shellQuote(d.workspace.Dir), environmentFile)
	for _, u := range uses {
		fmt.Fprintf(d.out, "   %s\n", d.paint(faint, "# "+u.what))
		for _, command := range u.commands {
			fmt.Fprintf(d.out, "   %s\n", command)
		}
	}
	fmt.Fprintf(d.out, "\n%s\n\n", d.paint(bold, "To remove everything:"))
	fmt.Fprintf(d.out, "   %s destroy -auto-approve\n", program)
	fmt.Fprintf(d.out, "   cd / && kill %d && rm -rf %s\n\n", d.simulator.PID, shellQuote(d.dir))
	return err
}

// writeEnvironment writes the grid's environment variables to a file that a
// shell can source.
func (d *demo) writeEnvironment() error {
	var env strings.Builder
	for _, entry := range append(d.workspace.Env, "TF_CLI_CONFIG_FILE="+d.workspace.CLIConfig(), "CHECKPOINT_DISABLE=1") {
		name, value, _ := strings.Cut(entry, "=")
		fmt.Fprintf(&env, "export %s=%s\n", name, shellQuote(value))
	}
	return os.WriteFile(filepath.Join(filepath.Dir(d.workspace.Dir), environmentFile), []byte(env.String()), 0o600)
}

// use is a suggestion for a kept grid, with its commands.
type use struct {
	what     string
	commands []string
}

// uses returns the suggestions for the state in which the demo left the grid.
func (d *demo) uses(ctx context.Context) ([]use, error) {
	all := []use{d.applyUse()}
	if d.Guests && len(d.servers) > 0 {
		guests, err := d.guestUses(ctx)
		if err != nil {
			return all, err
		}
		all = append(all, guests...)
	}
	return append(all, use{"What the grid has cost; /state, /counters and /clock show more", []string{"curl " + d.simulator.Admin + "/bill"}}), nil
}

// applyUse returns the suggestion to make a change and apply it.
func (d *demo) applyUse() use {
	program := d.Engine.Command()
	if d.page == "" {
		return use{"Add a server", []string{program + " apply -auto-approve -var servers=6"}}
	}
	return use{"Change the page of the app, and deploy it", []string{
		fmt.Sprintf("sed -i 's|<p>.*</p>|<p>The shop is closed.</p>|' %s", pageFile), program + " apply -auto-approve",
	}}
}

// guestUses returns the suggestions that need booted servers.
func (d *demo) guestUses(ctx context.Context) ([]use, error) {
	logins, err := d.logins(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the passwords of the kept grid: %w", err)
	}
	name := slices.Min(slices.Collect(maps.Keys(d.servers)))
	address := d.servers[name].PublicIP
	all := []use{{
		fmt.Sprintf("Log in to %s; the password is %s", name, logins.servers[address]),
		[]string{fmt.Sprintf("ssh -p %d %s root@%s", d.port, hostKeyOptions, address)},
	}}
	if d.page != "" {
		all = append(all, use{"Open the site, here or in a browser", []string{"curl " + d.urls()[name]}})
	}
	if at := d.simulator.CloudStorage; at != nil {
		all = append(all, use{
			"Look at Cloud Storage, with ls and get; the password is " + logins.storagePassword,
			[]string{fmt.Sprintf("sftp -P %d %s %s@%s", at.Port, hostKeyOptions, logins.storageUser, at.Host)},
		})
	}
	return all, nil
}

// hostKeyOptions keep the grid's host keys out of the user's known_hosts,
// because the next grid has different keys at the same addresses.
const hostKeyOptions = "-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null"

// shellQuote quotes a text as one word of a shell.
func shellQuote(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:=,"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
