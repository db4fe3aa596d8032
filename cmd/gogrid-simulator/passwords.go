// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

const loginsUsage = `Print the logins of servers and Cloud Storage.

  gogrid-simulator passwords --state FILE        of a grid that is not running
  gogrid-simulator passwords --ready-file FILE   of a running grid
  gogrid-simulator passwords                     of the grid that the variables
      GOGRID_ENDPOINT, GOGRID_API_KEY and GOGRID_SHARED_SECRET select; "run"
      sets them, and a grid prints them when it starts

The list shows the initial password of each server. If you change a password on
the server, the list stays the same.
`

// loginLine is one line of the list.
type loginLine struct {
	server, address, user, password string
	command                         string // command that logs in; "" if the server accepts no login
}

// passwords prints the logins of a grid.
func passwords(ctx context.Context, args, env []string, out io.Writer) error {
	var state, ready string
	flags := subcommandFlags("passwords")
	flags.StringVar(&state, "state", "", "")
	flags.StringVar(&ready, "ready-file", "", "")
	if err := parseSubcommand(flags, args, loginsUsage, out); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case state != "" && ready != "":
		return errors.New("--state and --ready-file exclude each other")
	case state != "":
		return storedPasswords(state, out)
	}
	at, err := runningGrid(ctx, ready, env)
	if err != nil {
		return err
	}
	port := at.sshPort()
	if ready == "" {
		port, _ = lookup(env, "GOGRID_SSH_PORT")
	}
	return listedPasswords(ctx, at, port, out)
}

func storedPasswords(state string, out io.Writer) error {
	stored, err := simulator.ReadLogins(state)
	var held *store.InUseError
	if errors.As(err, &held) {
		return fmt.Errorf("the state file %s belongs to a running grid (pid %d): give its --ready-file, or set GOGRID_ENDPOINT, "+
			"GOGRID_API_KEY and GOGRID_SHARED_SECRET to the values that the grid printed", state, held.PID)
	}
	if err != nil {
		return err
	}
	logins := make([]loginLine, len(stored))
	for i, s := range stored {
		logins[i] = loginLine{server: cmp.Or(s.Server, storageTitle), address: s.Address, user: s.Username, password: s.Password}
	}
	printLogins(out, logins)
	fmt.Fprintf(out, "\nThe grid is not running. To log in, start it:\n\n  gogrid-simulator --guests --state %s\n", shellWord(state))
	return nil
}

// runningGrid returns the facts of a running grid, from its ready file or the
// environment.
func runningGrid(ctx context.Context, ready string, env []string) (facts, error) {
	if ready != "" {
		return readReadyFile(ctx, ready)
	}
	value := func(name string) string {
		found, _ := lookup(env, name)
		return found
	}
	at := facts{
		Endpoint: value("GOGRID_ENDPOINT"), APIKey: value("GOGRID_API_KEY"), SharedSecret: value("GOGRID_SHARED_SECRET"), CAFile: value("GOGRID_CA_CERTIFICATE_FILE"),
	}
	if at.Endpoint == "" || at.APIKey == "" || at.SharedSecret == "" {
		return at, errors.New("name a grid: with --state FILE, with --ready-file FILE, " +
			"or with GOGRID_ENDPOINT, GOGRID_API_KEY and GOGRID_SHARED_SECRET, as the grid printed them when it started")
	}
	if port, err := strconv.Atoi(value("GOGRID_SSH_PORT")); err == nil {
		at.Guests = &guestFacts{SSHPort: port}
	}
	if port, err := strconv.Atoi(value("TF_VAR_cloud_storage_port")); err == nil {
		at.CloudStorage = &cloudStorage{Host: value("TF_VAR_cloud_storage_host"), Port: port}
	}
	return at, nil
}

// maxReadyFile limits the size of a ready file, in bytes.
const maxReadyFile = 1 << 20

func readReadyFile(ctx context.Context, path string) (at facts, err error) {
	text, err := localfile.Read(ctx, path, maxReadyFile)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil {
		return at, fmt.Errorf("read the ready file: %w", err)
	}
	return at, nil
}

// listedPasswords lists the passwords of a running grid. port is the value of
// GOGRID_SSH_PORT.
func listedPasswords(ctx context.Context, at facts, port string, out io.Writer) error {
	settings := []client.Setting{client.WithEndpoint(at.Endpoint), client.WithUserAgent("gogrid-simulator/" + programVersion())}
	if at.CAFile != "" {
		pool, err := client.CACertificates(ctx, at.CAFile)
		if err != nil {
			return err
		}
		settings = append(settings, client.WithCACertificates(pool))
	}
	grid, err := client.New(at.APIKey, at.SharedSecret, settings...)
	if err != nil {
		return err
	}
	listed, err := grid.Passwords.List(ctx, "")
	if err != nil {
		return fmt.Errorf("list the passwords of the grid at %s: %w", at.Endpoint, err)
	}
	var logins []loginLine
	for _, entry := range listed {
		logins = append(logins, at.login(entry))
	}
	printLogins(out, logins)
	printCommands(out, logins, at.note(logins, port))
	return nil
}

// storageTitle is printed in place of a server name for a Cloud Storage login.
const storageTitle = "Cloud Storage"

func (f facts) login(entry client.Password) loginLine {
	l := loginLine{server: storageTitle, user: entry.Username, password: entry.Password}
	switch {
	case entry.Server != nil:
		l.server, l.address = entry.Server.Name, entry.Server.IP.Address
		if f.Guests != nil && entry.Username == "root" { // only Linux servers accept logins
			l.command = sshCommand(f.Guests.SSHPort, l.user, l.address)
		}
	case f.CloudStorage != nil:
		l.address = f.CloudStorage.Host
		l.command = sftpCommand(f.CloudStorage.Port, l.user, l.address)
	}
	return l
}

// Grids use the same addresses with different host keys, so ssh must not record
// the keys.
const anyHostKey = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"

func sshCommand(port int, user, address string) string {
	return fmt.Sprintf("ssh %s -p %d %s@%s", anyHostKey, port, user, address)
}

func sftpCommand(port int, user, address string) string {
	return fmt.Sprintf("sftp %s -P %d %s@%s", anyHostKey, port, user, address)
}

func printLogins(out io.Writer, logins []loginLine) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVER\tADDRESS\tUSER\tPASSWORD")
	for _, l := range logins {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", l.server, cmp.Or(l.address, "-"), l.user, l.password)
	}
	_ = table.Flush() // a failed write to the terminal cannot be reported there
}

func printCommands(out io.Writer, logins []loginLine, note string) {
	fmt.Fprintln(out)
	for _, l := range logins {
		if l.command != "" {
			fmt.Fprintf(out, "%s   # %s\n", l.command, l.server)
		}
	}
	if note != "" {
		fmt.Fprintln(out, note)
	}
}

// note explains why no server accepts logins. It returns "" if a server may
// accept logins.
func (f facts) note(logins []loginLine, port string) string {
	switch {
	case f.Guests == nil && port == noGuests:
		return "The servers of this grid do not boot: to log in, start the grid with --guests."
	case f.Guests != nil && !slices.ContainsFunc(logins, func(l loginLine) bool { return l.server != storageTitle }):
		return "No server has a password yet: the grid lists the password of a server some minutes after it creates the server."
	}
	return ""
}
