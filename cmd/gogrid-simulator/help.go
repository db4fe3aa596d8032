// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

const usage = `Serve a simulated GoGrid grid.

  gogrid-simulator [flags]                  serve until stopped
  gogrid-simulator run [flags] -- COMMAND   serve while a command runs
  gogrid-simulator passwords [flags]        print the logins of servers
  gogrid-simulator call METHOD [NAME=VALUE...]
                                            call the API of a running grid

For example:

  gogrid-simulator run --guests --state grid.db -- terraform apply
  gogrid-simulator passwords --state grid.db

"run" sets GOGRID_ENDPOINT, GOGRID_API_KEY and GOGRID_SHARED_SECRET for the
command, and GOGRID_CA_CERTIFICATE_FILE with --tls. It ends with the command's
exit code. It also sets these variables, unless they are set already and do not
belong to another grid (GOGRID_ENDPOINT is set):

  GOGRID_POLL_INTERVAL  the provider's poll interval at the speed of the grid
  GOGRID_SPEED          grid seconds per real second
  GOGRID_SSH_PORT       port that servers answer SSH on; "none" without --guests

With --guests, "run" also sets the Terraform variable ssh_port.
If Cloud Storage is served, "run" sets GOGRID_CLOUD_STORAGE_PROTOCOL, _HOST,
_PORT and _HOST_KEY, which an empty cloud_storage block uses, and the Terraform
variables cloud_storage_host, cloud_storage_port and cloud_storage_host_key.

"passwords" reads a state file (--state) or a running grid; "call" calls a
running grid. Both find a running grid by its ready file (--ready-file), else by
GOGRID_ENDPOINT, GOGRID_API_KEY and GOGRID_SHARED_SECRET, which "run" sets:

  gogrid-simulator run --guests --state grid.db -- gogrid-simulator passwords
  gogrid-simulator call grid.server.power server=web-1 power=stop

Each flag of a grid can also be set by the environment variable in brackets. The
flag takes precedence.
`

// section is a section of the help text. The help prints flags in the order of
// the slice.
type section struct {
	title string
	flags []string
}

func sections() []section {
	return []section{
		{"The grid", []string{"state", "speed", "stepped", "seed", "jitter", "timing", "era", "strict"}},
		{"Where it is served", []string{"listen", "allow-remote", "ready-file", "admin", "verbose"}},
		{"TLS", []string{"tls", "tls-cert", "tls-key"}},
		{"API keys", []string{"api-key", "shared-secret", "key"}},
		{"Addresses", []string{"public-block-size", "private-block-size"}},
		{"Servers that boot", []string{"guests", "guest-ssh-port", "guest-shared-addresses", "guest-dir", "guest-disk-limit"}},
		{"Cloud Storage", []string{
			"cloud-storage-listen", "cloud-storage-dir", "cloud-storage-limit", "cloud-storage-address", "cloud-storage-gateway",
		}},
		{"Faults", []string{"fault"}},
		{"This program", []string{"version", "help"}},
	}
}

// helpWidth is the column at which the texts of flags wrap.
const helpWidth = 80

func printHelp(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, usage)
	for _, s := range sections() {
		fmt.Fprintf(out, "\n%s:\n", s.title)
		for _, name := range s.flags {
			if name == "help" {
				fmt.Fprint(out, "  --help\n      print this text\n")
				continue
			}
			printFlag(out, flags.Lookup(name))
		}
	}
	fmt.Fprintf(out, "\nFault rules:\n\n%s", simulator.FaultHelp())
}

func printFlag(out io.Writer, f *flag.Flag) {
	kind, text := flag.UnquoteUsage(f)
	fmt.Fprintf(out, "  --%s\n", strings.TrimSpace(f.Name+" "+kind))
	if f.DefValue != "" && f.DefValue != "false" {
		text += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	if f.Name != versionFlag {
		text += fmt.Sprintf(" [%s]", variable(f.Name))
	}
	fmt.Fprint(out, wrap(text, "      "))
}

// wrap splits a text at spaces into lines that begin with indent.
func wrap(text, indent string) string {
	var lines strings.Builder
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = indent + word
		case len(line)+1+len(word) > helpWidth:
			lines.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	return lines.String() + line + "\n"
}
