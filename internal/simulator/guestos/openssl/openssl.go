// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package openssl implements the part of the openssl command that simulated
// servers need for certificates. It shows, verifies and creates certificates,
// and extracts them from PKCS #12 files.
package openssl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// maxInput is the maximum size of a certificate, key or PKCS #12 file, in
// bytes.
const maxInput = 1 << 20

// command is one of openssl's commands, with its supported options.
type command struct {
	run    func(ctx context.Context, r *run) error
	plain  []string // options without a value
	valued []string // options with a value
}

func commands() map[string]command {
	formats := []string{"in", "out", "inform", "outform"}
	digest := command{digest, append(digestNames(), "hex", "r"), []string{"out"}}
	all := map[string]command{
		"version": {version, []string{"a", "v"}, nil},
		"x509": {
			x509Command, append(digestNames(), "noout", "text", "fingerprint", "subject", "issuer", "dates", "startdate", "enddate", "serial", "modulus", "pubkey", "req", "CAcreateserial"),
			append(formats, "checkend", "days", "CA", "CAkey", "signkey", "passin", "set_serial", "nameopt"),
		},
		"pkcs12": {
			pkcs12Command,
			[]string{"export", "nokeys", "nocerts", "clcerts", "cacerts", "nodes", "noout", "info"},
			[]string{"in", "out", "inkey", "certfile", "name", "passin", "passout", "password"},
		},
		"rsa":    {keyCommand, []string{"noout", "check", "modulus", "pubout"}, append(formats, "passin")},
		"pkey":   {keyCommand, []string{"noout", "check", "pubout"}, append(formats, "passin")},
		"verify": {verify, []string{"verbose"}, []string{"CAfile", "untrusted", "purpose"}},
		"req": {
			request, append(digestNames(), "new", "x509", "nodes", "batch", "noout", "subject"),
			[]string{"in", "newkey", "key", "keyout", "out", "days", "subj", "config", "passin", "set_serial"},
		},
		"genrsa": {generate, nil, []string{"out"}},
		"rand":   {random, []string{"hex", "base64"}, []string{"out"}},
		"dgst":   digest,
	}
	for _, name := range digestNames() {
		all[name] = digest
	}
	return all
}

// run is one invocation of a command.
type run struct {
	p     *shell.Process
	name  string
	given map[string]string
	args  []string
}

func (r *run) has(option string) bool {
	_, found := r.given[option]
	return found
}

// refused is an error that also sets the exit code of the command.
type refused struct {
	code int
	text string
}

func (r refused) Error() string { return r.text }

// Run runs "openssl COMMAND [OPTION...]" and returns its exit code.
func Run(ctx context.Context, p *shell.Process) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Stderr, "openssl: a command is missing; a simulated server has "+strings.Join(Commands(), ", "))
		return 1
	}
	name := p.Args[1]
	known, found := commands()[name]
	if !found {
		fmt.Fprintf(p.Stderr, "openssl:Error: '%s' is an invalid command.\na simulated server has %s\n", name, strings.Join(Commands(), ", "))
		return 1
	}
	r := &run{p: p, name: name, given: map[string]string{}}
	for i := 2; i < len(p.Args); i++ {
		option, isOption := strings.CutPrefix(p.Args[i], "-")
		option = strings.TrimPrefix(option, "-")
		switch {
		case !isOption || option == "":
			r.args = append(r.args, p.Args[i])
		case slices.Contains(known.plain, option):
			r.given[option] = ""
		case slices.Contains(known.valued, option) && i+1 < len(p.Args):
			i++
			r.given[option] = p.Args[i]
		default:
			fmt.Fprintf(p.Stderr, "unknown option %s\nusage: %s [options]; a simulated server supports: -%s\n", p.Args[i], name, strings.Join(append(slices.Clone(known.plain), known.valued...), " -"))
			return 1
		}
	}
	if err := known.run(ctx, r); err != nil {
		fmt.Fprintln(p.Stderr, err)
		var with refused
		if errors.As(err, &with) {
			return with.code
		}
		return 1
	}
	return 0
}

// Commands returns the names of the commands, in order.
func Commands() []string {
	var names []string
	for name := range commands() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func version(_ context.Context, r *run) error {
	_, err := fmt.Fprintln(r.p.Stdout, "OpenSSL 1.0.0-fips 29 Mar 2010")
	return err
}

// input reads the file named by an option, or standard input.
func (r *run) input(option string) ([]byte, error) {
	if name := r.given[option]; name != "" {
		return r.file(name)
	}
	return io.ReadAll(io.LimitReader(r.p.Stdin, maxInput))
}

func (r *run) file(name string) ([]byte, error) {
	file, err := r.p.Files.Open(r.p.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("Error opening input file %[1]s\n%[1]s: No such file or directory", name) //nolint:staticcheck // openssl uses these words
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, maxInput+1))
	if err == nil && len(text) > maxInput {
		err = fmt.Errorf("%s: more than %d bytes", name, maxInput)
	}
	return text, err
}

// output writes to the file named by -out, or to standard output.
func (r *run) output(text []byte) error {
	return r.p.Store(strings.NewReader(string(text)), r.given["out"])
}

// password reads a password from the source in an option: pass:TEXT, env:NAME,
// file:NAME or stdin. ok is false if the option is missing.
func (r *run) password(option string) (text string, ok bool, err error) {
	source, found := r.given[option]
	if !found {
		return "", false, nil
	}
	kind, value, _ := strings.Cut(source, ":")
	switch kind {
	case "pass":
		return value, true, nil
	case "env":
		return r.p.Getenv(value), true, nil
	case "file":
		text, err := r.file(value)
		if err != nil {
			return "", true, fmt.Errorf("Can't open file %s\nError getting passwords", value) //nolint:staticcheck // openssl uses these words
		}
		line, _, _ := strings.Cut(string(text), "\n")
		return strings.TrimSuffix(line, "\r"), true, nil
	case "stdin":
		line, err := bufio.NewReader(r.p.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", true, err
		}
		return strings.TrimRight(line, "\r\n"), true, nil
	}
	return "", true, fmt.Errorf("Invalid password argument \"%s\"\nError getting passwords", kind) //nolint:staticcheck // openssl uses these words
}

// secret writes a private key to a file that only its owner can read, or to
// standard output.
func (r *run) secret(name string, text []byte) error {
	if name == "" {
		_, err := r.p.Stdout.Write(text)
		return err
	}
	file, err := r.p.Files.OpenFile(r.p.Path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
