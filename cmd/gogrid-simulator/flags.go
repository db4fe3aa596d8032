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

// envPrefix starts the environment variable of every flag: --ready-file is
// also GOGRID_SIMULATOR_READY_FILE.
const envPrefix = "GOGRID_SIMULATOR_"

const usage = `Serve a simulated GoGrid grid.

  gogrid-simulator [flags]                  serve until stopped
  gogrid-simulator run [flags] -- COMMAND   serve for the life of a command

"run" sets GOGRID_ENDPOINT, GOGRID_API_KEY and GOGRID_SHARED_SECRET for the
command, and ends with the command's exit code. It also sets these variables,
unless they are set already:

  GOGRID_POLL_INTERVAL  the provider's poll interval at the speed of the grid
  GOGRID_SPEED          grid seconds per real second
  GOGRID_SSH_PORT       port that servers answer SSH on; "none" without --guests

Where Cloud Storage is served, "run" sets the Terraform variables
cloud_storage_host, cloud_storage_port and cloud_storage_host_key (TF_VAR_...):

  gogrid-simulator run -- terraform apply

Every flag is also an environment variable, named in brackets; a flag wins.

Flags:
`

// settings is what the command line and the environment ask for.
type settings struct {
	options     simulator.Options
	faults      []simulator.Fault
	listen      string
	allowRemote bool
	readyFile   string
	verbose     bool
	tls         bool
	tlsCert     string
	tlsKey      string
	apiKey      string
	secret      string
	keyProblem  error    // what is wrong with the keys of --key
	command     []string // nil: serve until stopped
	guests      bool
	shared      bool // other grids may have the addresses of the guests
	guest       simulator.GuestOptions
	storage     simulator.CloudStorageOptions
}

// parse reads args, then env for every flag that args leave out. Help goes to
// out and gives flag.ErrHelp.
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
	if err := fromEnvironment(flags, env); err != nil {
		return nil, err
	}
	switch {
	case running && flags.NArg() == 0:
		return nil, errors.New("run needs a command: gogrid-simulator run [flags] -- COMMAND [ARGUMENT...]")
	case running:
		set.command = flags.Args()
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q; to serve a grid for a command write: gogrid-simulator run -- %s",
			flags.Arg(0), strings.Join(flags.Args(), " "))
	}
	return set, set.check()
}

// flags binds every flag to its setting.
func (s *settings) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("gogrid-simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors, printHelp the help
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "`host:port` to serve on; port 0 takes a free one")
	flags.BoolVar(&s.allowRemote, "allow-remote", false, "allow --listen on a host that is not loopback; the grid speaks plain HTTP")
	flags.BoolVar(&s.tls, "tls", false, "speak HTTPS instead of HTTP, with a certificate for 127.0.0.1, ::1 and localhost; its authority is kept beside the state file, in a folder with the ending .tls")
	flags.StringVar(&s.tlsCert, "tls-cert", "", "speak HTTPS with the certificate in this PEM `file`; needs --tls-key")
	flags.StringVar(&s.tlsKey, "tls-key", "", "PEM `file` with the private key of the certificate in --tls-cert")
	flags.StringVar(&s.readyFile, "ready-file", "", "write endpoint, keys and pid as JSON to this `file` once connections are accepted; removed at the end")
	flags.BoolVar(&s.verbose, "verbose", false, "log every call to standard error")

	flags.StringVar(&s.options.State, "state", "", "keep the grid in this `file`; it survives a kill at any moment (default: in memory)")
	flags.Float64Var(&s.options.Speed, "speed", 60, "grid `seconds` per real second: at 60 a minute takes a second")
	flags.Func("seed", "`number` from 1 up that passwords, host keys, image names and durations are drawn from; API keys are not (default: drawn for each new grid, and kept in the state file)", s.setSeed)
	flags.Float64Var(&s.options.Jitter, "jitter", 0.1, "`fraction` by which durations vary, 0 to 0.9")
	flags.Func("timing", "a duration in grid time as `name=duration`, for example server_create=5m; repeatable; names: "+
		strings.Join(simulator.TimingNames(), ", "), each(s.options.Timings.Set))
	flags.Func("public-block-size", "`addresses` in the public block of each datacenter, a power of two, three of them not usable (default 16, or what the state file has)", number(&s.options.PublicBlockSize))
	flags.Func("private-block-size", "the same for the private blocks; `addresses`", number(&s.options.PrivateBlockSize))

	flags.BoolVar(&s.guests, "guests", false, "let servers boot: each has a disk, accounts and adapters, and answers SSH and SFTP on its public address (Linux; elsewhere the loopback interface must have that address, on macOS by: ifconfig lo0 alias ADDRESS)")
	flags.Func("guest-ssh-port", fmt.Sprintf("`port` that guests answer SSH on (default %d, or the next one that is free)", simulator.DefaultSSHPort), s.setSSHPort)
	flags.BoolVar(&s.shared, "guest-shared-addresses", false, "let other grids have the same addresses of servers; each grid then needs another --guest-ssh-port, and servers that serve the same port meet (default: a grid has its addresses alone, and a new one chooses free ones)")
	flags.StringVar(&s.guest.Dir, "guest-dir", "", "keep the disks in this `folder` (default: the state file's path with .guests, or a temporary one)")
	flags.Func("guest-disk-limit", "`size` that the files of one guest may have, such as 512MiB or 4GiB (default 2GiB)", size(&s.guest.DiskLimit))

	flags.StringVar(&s.storage.Listen, "cloud-storage-listen", "", "serve the accounts' Cloud Storage over SFTP on this loopback `host:port`; port 0 takes a free one, none lets only guests reach it (default: 127.0.0.1:0 with --guests, else not at all)")
	flags.StringVar(&s.storage.Dir, "cloud-storage-dir", "", "keep the files of Cloud Storage in this `folder`, one folder for each account (default: beside the disks of the guests)")
	flags.Func("cloud-storage-address", "`address` of Cloud Storage on the private networks: servers need a route to it (default 10.100.0.10)", ip(&s.storage.Address))
	flags.Func("cloud-storage-gateway", "`address` on the private networks that leads there (default: the first one of the private block)", ip(&s.storage.Gateway))
	flags.Func("cloud-storage-limit", "`size` that the files of one account on Cloud Storage may have (default 10GiB)", size(&s.storage.Limit))

	flags.StringVar(&s.apiKey, "api-key", "", "API `key` of the super user; with --shared-secret (default: made up, or what the state file has)")
	flags.StringVar(&s.secret, "shared-secret", "", "shared `secret` of that key")
	flags.Func("key", "one more key as `key:secret[:role[:account]]`; role is super (default), system, billing or read-only; repeatable", each(s.addKey))
	flags.Func("era", "`era` of the platform: sandbox, where only a sandbox can be saved as an image, or direct, where any server can (default sandbox)", s.setEra)
	flags.BoolVar(&s.options.Strict, "strict", false, "refuse unknown parameters")
	flags.BoolVar(&s.options.Admin, "admin", false, "serve /admin: faults, counters, clock, state, bill")
	flags.Func("fault", "fault rule as `JSON`, one or an array, as POST /admin/faults takes it; repeatable; see Faults below", s.addFaults)
	return flags
}

// each lets one value hold several, separated by commas: an environment
// variable cannot be repeated as a flag can.
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

// fromEnvironment sets every flag that the command line left out and the environment names.
func fromEnvironment(flags *flag.FlagSet, env []string) error {
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var failed error
	flags.VisitAll(func(f *flag.Flag) {
		value, found := lookup(env, variable(f.Name))
		if !found || value == "" || given[f.Name] || failed != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = fmt.Errorf("environment variable %s: %w", variable(f.Name), err)
		}
	})
	return failed
}

// variable names the environment variable of a flag.
func variable(name string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// lookup finds a variable; as in a process's environment the last one counts.
func lookup(env []string, name string) (value string, found bool) {
	for _, entry := range env {
		if rest, ok := strings.CutPrefix(entry, name+"="); ok {
			value, found = rest, true
		}
	}
	return value, found
}

func printHelp(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, usage)
	flags.VisitAll(func(f *flag.Flag) {
		kind, text := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  --%s\n      %s", strings.TrimSpace(f.Name+" "+kind), text)
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(out, " (default %s)", f.DefValue)
		}
		fmt.Fprintf(out, " [%s]\n", variable(f.Name))
	})
	fmt.Fprintf(out, "\nFaults:\n\n%s", simulator.FaultHelp())
}
