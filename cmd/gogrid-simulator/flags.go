// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// envPrefix is the prefix of the environment variables that set flags:
// GOGRID_SIMULATOR_READY_FILE sets --ready-file.
const envPrefix = "GOGRID_SIMULATOR_"

// versionFlag is the only flag that does not configure a grid.
const versionFlag = "version"

// errVersion is returned if the version was requested.
var errVersion = errors.New("the version was requested")

// settings holds the values of the flags from the command line and the
// environment.
type settings struct {
	options     simulator.Options
	faults      []simulator.Fault
	listen      string
	allowRemote bool
	readyFile   string
	verbose     bool
	version     bool
	tls         bool
	tlsCert     string
	tlsKey      string
	apiKey      string
	secret      string
	keyProblem  error    // error in the values of --key
	command     []string // nil: serve until stopped
	guests      bool
	shared      bool // other grids may use the same addresses for their guests
	guest       simulator.GuestOptions
	storage     simulator.CloudStorageOptions
}

// parse reads args, then env for every flag that is not in args. If args request
// help, it prints the help to out and returns [flag.ErrHelp].
func parse(args, env []string, out io.Writer) (*settings, error) {
	set := &settings{options: simulator.Options{RandomSeed: true}}
	running := len(args) > 0 && args[0] == "run"
	if running {
		args = args[1:]
	}
	flags := set.flags()
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			printHelp(out, flags)
		}
		return nil, err
	}
	if set.version {
		return nil, errVersion
	}
	if err := fromEnvironment(flags, env); err != nil {
		return nil, err
	}
	switch {
	case running && flags.NArg() == 0:
		return nil, errors.New("run needs a command: gogrid-simulator run [flags] -- COMMAND [ARGUMENT...]")
	case running:
		set.command = flags.Args()
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q; to run a command against a grid, use: gogrid-simulator run -- %s",
			flags.Arg(0), strings.Join(flags.Args(), " "))
	}
	return set, set.check()
}

// flags binds every flag to its setting.
func (s *settings) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("gogrid-simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors, printHelp the help
	s.gridFlags(flags)
	s.servingFlags(flags)
	s.guestFlags(flags)
	s.storageFlags(flags)
	flags.Func("fault", "fault rule as `JSON`: one object, or an array of them; repeatable; see \"Fault rules\" below", s.addFaults)
	flags.BoolVar(&s.version, versionFlag, false, "print the version")
	return flags
}

func (s *settings) gridFlags(flags *flag.FlagSet) {
	flags.StringVar(&s.options.State, "state", "", "`file` that stores the grid, even if the program is killed (default: the grid is in memory and ends with the program)")
	flags.Float64Var(&s.options.Speed, "speed", 60, "grid `seconds` per real second: at 60, a grid minute takes one second")
	flags.BoolVar(&s.options.Stepped, "stepped", false, "stop the grid's clock while clients work, and jump to the next event while they wait; the same calls then take the same grid time on every machine")
	flags.Func("seed", "`number` from 1 up that determines passwords, host keys, image names and durations, but not API keys (default: random for each new grid, and kept in its state file)", s.setSeed)
	flags.Float64Var(&s.options.Jitter, "jitter", 0.1, "`fraction` by which durations of the platform vary, from 0 to 0.9")
	flags.Func("timing", "duration of the platform's work in grid time, as `name=duration`, for example server_create=5m; repeatable; names: "+
		strings.Join(simulator.TimingNames(), ", "), each(s.options.Timings.Set))
	flags.Func("era", "`era` of the platform: in \"sandbox\" only a sandbox can be saved as an image, in \"direct\" any server (default sandbox)", s.setEra)
	flags.BoolVar(&s.options.Strict, "strict", false, "refuse API calls with unknown parameters; the real service ignored such parameters")
	flags.Func("public-block-size", "number of `addresses` in the public block of an account in each datacenter: a power of two from 8 to 65536; three of the addresses are not usable (default 16, or the number in the state file)", number(&s.options.PublicBlockSize))
	flags.Func("private-block-size", "number of `addresses` in the private block of an account in each datacenter: a power of two from 8 to 65536; three of the addresses are not usable (default 16, or the number in the state file)", number(&s.options.PrivateBlockSize))
}

func (s *settings) servingFlags(flags *flag.FlagSet) {
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "`host:port` of the API; port 0 takes a free port")
	flags.BoolVar(&s.allowRemote, "allow-remote", false, "allow an API address outside loopback, so that other machines can reach the API")
	flags.StringVar(&s.readyFile, "ready-file", "", "`file` to write endpoint, keys, pid and ports to, as JSON, once the grid accepts connections; the program removes it at the end")
	flags.BoolVar(&s.options.Admin, "admin", false, "serve admin routes of the grid below /admin: faults, counters, clock, state, bill; they need no key, and refuse web pages: a POST needs the header Content-Type: application/json")
	flags.BoolVar(&s.verbose, "verbose", false, "log every API call to standard error")

	flags.BoolVar(&s.tls, "tls", false, "serve HTTPS with a generated certificate for 127.0.0.1, ::1 and localhost; the program prints the path of the CA certificate, which it keeps in a folder beside the state file")
	flags.StringVar(&s.tlsCert, "tls-cert", "", "serve HTTPS with the certificate in this PEM `file`; needs --tls-key with its private key")
	flags.StringVar(&s.tlsKey, "tls-key", "", "PEM `file` with the private key of the certificate that --tls-cert names")

	flags.StringVar(&s.apiKey, "api-key", "", "API `key` of the super user; needs --shared-secret (default: a random key, or the one in the state file)")
	flags.StringVar(&s.secret, "shared-secret", "", "shared `secret` that signs calls with the key that --api-key names")
	flags.Func("key", "further API key, as `key:secret[:role[:account]]`; the role is super (default), system, billing or read-only; repeatable", each(s.addKey))
}

func (s *settings) guestFlags(flags *flag.FlagSet) {
	flags.BoolVar(&s.guests, "guests", false, "boot the servers: each has a disk, accounts and network adapters, and answers SSH and SFTP on its public address, which is a loopback address (on Linux; elsewhere add the address to the loopback interface first, on macOS by: ifconfig lo0 alias ADDRESS)")
	flags.Func("guest-ssh-port", fmt.Sprintf("`port` that servers answer SSH on (default %d, or the next free port)", simulator.DefaultSSHPort), s.setSSHPort)
	flags.BoolVar(&s.shared, "guest-shared-addresses", false, "allow other grids to use the public addresses of this grid's servers; needs a --guest-ssh-port that no other grid uses, and servers of two grids conflict if they open the same port (default: grids share no public addresses, and a new grid chooses free ones)")
	flags.StringVar(&s.guest.Dir, "guest-dir", "", "`folder` for the disks of servers (default: the path of the state file with .guests, or a temporary folder)")
	flags.Func("guest-disk-limit", "`size` that the files of one server may have, such as 512MiB or 4GiB (default 2GiB)", size(&s.guest.DiskLimit))
}

func (s *settings) storageFlags(flags *flag.FlagSet) {
	flags.StringVar(&s.storage.Listen, "cloud-storage-listen", "", "loopback `host:port` that serves the accounts' Cloud Storage over SFTP; port 0 takes a free port, \"none\" serves only the grid's servers (default: 127.0.0.1:0 with --guests, else Cloud Storage is not served)")
	flags.StringVar(&s.storage.Dir, "cloud-storage-dir", "", "`folder` for the files of Cloud Storage, with a folder for each account (default: beside the disks of servers)")
	flags.Func("cloud-storage-limit", "maximum total `size` of the files of one account on Cloud Storage, such as 512MiB or 4GiB (default 10GiB)", size(&s.storage.Limit))
	flags.Func("cloud-storage-address", "`address` of Cloud Storage on the private networks; servers need a route to it (default 10.100.0.10)", ip(&s.storage.Address))
	flags.Func("cloud-storage-gateway", "`address` of the gateway to Cloud Storage on the private networks (default: the first address of the private block)", ip(&s.storage.Gateway))
}

// each returns a flag function that calls set for each value of a
// comma-separated list, because an environment variable, unlike a flag, cannot
// be repeated.
func each(set func(string) error) func(string) error {
	return func(list string) error {
		for value := range strings.SplitSeq(list, ",") {
			if err := set(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
		return nil
	}
}

// fromEnvironment sets every flag that is not on the command line and has a
// value in the environment.
func fromEnvironment(flags *flag.FlagSet, env []string) error {
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var failed error
	flags.VisitAll(func(f *flag.Flag) {
		value, found := lookup(env, variable(f.Name))
		if !found || value == "" || given[f.Name] || f.Name == versionFlag || failed != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = fmt.Errorf("environment variable %s: %w", variable(f.Name), err)
		}
	})
	return failed
}

// variable returns the name of the environment variable of a flag.
func variable(name string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// lookup returns the value of a variable. If env has several entries for the variable,
// the last one wins, as in os/exec.
func lookup(env []string, name string) (value string, found bool) {
	for _, entry := range env {
		if rest, ok := strings.CutPrefix(entry, name+"="); ok {
			value, found = rest, true
		}
	}
	return value, found
}
