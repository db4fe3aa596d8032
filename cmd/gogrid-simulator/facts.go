// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// facts describes a running grid to its clients. The ready file holds facts as
// JSON.
type facts struct {
	Endpoint     string `json:"endpoint"`
	Admin        string `json:"admin"` // URL of the admin routes; "" if they are off
	APIKey       string `json:"api_key"`
	SharedSecret string `json:"shared_secret"`
	PID          int    `json:"pid"`
	// Version is the version of the program.
	Version string `json:"version"`
	// CAFile is the PEM file of the endpoint's certificate authority; "" for
	// plain HTTP.
	CAFile string `json:"ca_file,omitempty"`
	// Seed determines all random values in the grid, except API keys.
	Seed uint64 `json:"seed"`
	// Speed is the number of grid seconds per real second.
	Speed float64 `json:"speed"`
	// Guests is nil if servers do not boot.
	Guests *guestFacts `json:"guests,omitempty"`
	// CloudStorage is nil if Cloud Storage is not served.
	CloudStorage *cloudStorage `json:"cloud_storage,omitempty"`
}

// guestFacts describes how to reach the grid's guests at their addresses.
type guestFacts struct {
	SSHPort int `json:"ssh_port"`
}

// noGuests is the value of GOGRID_SSH_PORT on a grid whose servers do not boot.
const noGuests = "none"

// sshPort returns the value of GOGRID_SSH_PORT.
func (f facts) sshPort() string {
	if f.Guests == nil {
		return noGuests
	}
	return strconv.Itoa(f.Guests.SSHPort)
}

// cloudStorage holds the SFTP address of the Cloud Storage of the first key's
// account.
type cloudStorage struct {
	Host    string `json:"host"`
	Port    int    `json:"port"`
	HostKey string `json:"host_key"`
}

func factsOf(listener net.Listener, set *settings, sec *security, grid *simulator.Grid) facts {
	key := grid.Keys()[0]
	base := "http://" + listener.Addr().String()
	caFile := ""
	if sec != nil {
		port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
		base, caFile = "https://"+net.JoinHostPort(sec.host, port), sec.caFile
	}
	f := facts{
		Endpoint: base + "/api", APIKey: key.APIKey, SharedSecret: key.SharedSecret, PID: os.Getpid(), Version: programVersion(), CAFile: caFile,
		Seed: grid.Seed(), Speed: set.options.Speed,
	}
	if set.options.Admin {
		f.Admin = base + "/admin"
	}
	if set.guests {
		f.Guests = &guestFacts{SSHPort: grid.GuestPlace().SSHPort}
	}
	if found, err := grid.CloudStorage(key.Account); err == nil {
		f.CloudStorage = &cloudStorage{Host: found.Host, Port: found.Port, HostKey: found.HostKey}
	}
	return f
}

// writeTo writes the ready file.
func (f facts) writeTo(path string) error {
	text, err := json.Marshal(f)
	if err == nil {
		err = replaceFile(path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("ready file: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner can read. A reader never sees
// an incomplete file.
func replaceFile(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// removeStale removes the ready file of a killed grid, so that a program waiting
// for the file does not read the endpoint of the killed grid.
func removeStale(path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil // not a ready file: if the path cannot be written, the later write returns the error
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("ready file: %w", err)
	}
	return nil
}

// warn prints a warning if the guests do not have the default addresses or the
// default port, because another grid or program uses them.
func (s *server) warn(out io.Writer) {
	at := s.grid.GuestPlace()
	if !at.Moved {
		return
	}
	cause := "another program uses the default addresses or port of guests"
	if at.Holder != nil {
		cause = at.Holder.String() + " uses the default addresses of guests"
	}
	var blocks []string
	for _, block := range s.grid.PublicBlocks() {
		blocks = append(blocks, block.String())
	}
	fmt.Fprintf(out, "gogrid-simulator: %s; the public addresses of this grid are %s, its guests answer SSH on port %d\n",
		cause, strings.Join(blocks, ", "), at.SSHPort)
}

// shellWord quotes a text that a shell would not read as one word.
func shellWord(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-:@%+,", r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// banner prints how to use the grid. It does not print a secret that the user
// gave.
func (s *server) banner(out io.Writer, set *settings) {
	fmt.Fprintf(out, "A simulated grid is running at %gx speed. To use it:\n\n", set.options.Speed)
	fmt.Fprintf(out, "  export GOGRID_ENDPOINT=%s\n", s.facts.Endpoint)
	fmt.Fprintf(out, "  export GOGRID_API_KEY=%s\n", s.facts.APIKey)
	if len(set.options.Keys) == 0 {
		fmt.Fprintf(out, "  export GOGRID_SHARED_SECRET=%s\n", s.facts.SharedSecret)
	} else {
		fmt.Fprintln(out, "  export GOGRID_SHARED_SECRET=...   # the secret that you gave")
	}
	for _, entry := range s.defaults(set) {
		name, value, _ := strings.Cut(entry, "=")
		fmt.Fprintf(out, "  export %s=%s\n", name, shellWord(value))
	}
	fmt.Fprintln(out)
	if at := s.facts.Guests; at != nil {
		fmt.Fprintf(out, "Servers boot, and accept logins some minutes after they are On. With the variables above, these commands list the passwords and log in:\n\n"+
			"  gogrid-simulator passwords\n  %s\n\n", sshCommand(at.SSHPort, "root", "ADDRESS"))
	}
	if at := s.facts.CloudStorage; at != nil {
		fmt.Fprintf(out, "Cloud Storage is served over SFTP. To use it, put this into the provider block; gogrid-simulator passwords prints the login:\n\n"+
			"  cloud_storage {\n    protocol = \"sftp\"\n    host     = %q\n    port     = %d\n    host_key = %q\n  }\n\n", at.Host, at.Port, at.HostKey)
	}
	if s.facts.Admin != "" {
		fmt.Fprintf(out, "Admin routes: %s\n", s.facts.Admin)
	}
	if set.options.State == "" {
		fmt.Fprintln(out, "The grid is in memory and is lost when the program ends (--state FILE keeps it).")
	}
	fmt.Fprintln(out, "Stop the grid with Ctrl-C.")
}
