// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package sweep

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// defaultTimeout bounds the whole command. GoGrid takes minutes to create a server,
// and the sweep can delete it only afterwards.
const defaultTimeout = time.Hour

const usage = `Usage: terraform-provider-gogrid sweep --deployment NAME (--state FILE | --no-state) [--yes]

Lists the leftovers of killed applies: servers, sandboxes and images that carry
the tag of a deployment and that no resource in the state manages. With --yes it
removes them. Right before each removal it reads the object again, and does not
remove a changed object.

  terraform state pull | terraform-provider-gogrid sweep --deployment shop --state -

Do not run it during an apply of the deployment.

API key, shared secret, endpoint, poll interval and certificate authorities come
from GOGRID_API_KEY, GOGRID_SHARED_SECRET, GOGRID_ENDPOINT, GOGRID_POLL_INTERVAL
and GOGRID_CA_CERTIFICATE_FILE, as for the provider. With --storage, the command
also lists leases and pins on Cloud Storage. The address of Cloud Storage comes
from the --storage flags, else from GOGRID_CLOUD_STORAGE_PROTOCOL, _HOST, _PORT
and _HOST_KEY. Its passwords come from GOGRID_STORAGE_PASSWORD and
GOGRID_STORAGE_BASTION_PASSWORD.

Exit codes: 0 no leftovers remain, 1 error, 2 wrong arguments, 3 leftovers were
listed and not removed.

Flags:
`

// options holds the arguments of the command.
type options struct {
	deployment string
	state      string
	noState    bool
	yes        bool
	timeout    time.Duration
	caFile     string
	storage    storageOptions
}

// storageOptions holds the --storage flags. Each flag is named after an
// attribute of the provider's cloud_storage block.
type storageOptions struct {
	use            bool
	protocol       string
	host           string
	port           int
	share          string
	username       string
	privateKeyFile string
	hostKey        string
	bastion        bastionOptions
}

type bastionOptions struct {
	host           string
	port           int
	username       string
	privateKeyFile string
	hostKey        string
}

// deploymentName matches the deployment names that the provider allows.
var deploymentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// parse reads the arguments. The error is [flag.ErrHelp] if they contain --help.
func parse(args []string, getenv func(string) string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("sweep", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() {
		fmt.Fprint(output, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.deployment, "deployment", "", "`name` of the deployment, as in the provider block")
	flags.StringVar(&o.state, "state", "", "`file` with the state, as \"terraform state pull\" prints it; - reads standard input")
	flags.BoolVar(&o.noState, "no-state", false, "there is no state, so every object with the tag is a leftover")
	flags.BoolVar(&o.yes, "yes", false, "remove the listed leftovers")
	flags.DurationVar(&o.timeout, "timeout", defaultTimeout, "longest `duration` of the whole command")
	flags.StringVar(&o.caFile, "ca-file", "", "PEM `file` with certificate authorities that may sign the certificate of the endpoint, in addition to the system's; defaults to GOGRID_CA_CERTIFICATE_FILE")
	o.storage.define(flags)
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if err := o.storage.takeEnvironment(getenv); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.check(flags)
}

func (s *storageOptions) define(flags *flag.FlagSet) {
	flags.BoolVar(&s.use, "storage", false, "list leases and pins on Cloud Storage; implied by the other --storage flags")
	flags.StringVar(&s.protocol, "storage-protocol", "", "smb (the default) or sftp")
	flags.StringVar(&s.host, "storage-host", "", "`host` of Cloud Storage; defaults to <username>.cloud.storage.gogrid.com")
	flags.IntVar(&s.port, "storage-port", 0, "`port`; defaults to 445 for SMB and 22 for SFTP")
	flags.StringVar(&s.share, "storage-share", "", "SMB `share`, defaults to the user name; for SFTP the folder that paths start at")
	flags.StringVar(&s.username, "storage-username", "", "`account`; defaults to the name in the account's password list")
	flags.StringVar(&s.privateKeyFile, "storage-private-key-file", "", "`file` with a private key; SFTP only")
	flags.StringVar(&s.hostKey, "storage-host-key", "", "host `key` that the server must present; SFTP only")
	flags.StringVar(&s.bastion.host, "storage-bastion-host", "", "`host` to connect through, over SSH")
	flags.IntVar(&s.bastion.port, "storage-bastion-port", 0, "SSH `port` of the bastion; defaults to 22")
	flags.StringVar(&s.bastion.username, "storage-bastion-username", "", "`account` on the bastion; defaults to root")
	flags.StringVar(&s.bastion.privateKeyFile, "storage-bastion-private-key-file", "", "`file` with a private key for the bastion")
	flags.StringVar(&s.bastion.hostKey, "storage-bastion-host-key", "", "host `key` that the bastion must present")
}

// takeEnvironment reads the address of Cloud Storage from the environment if no flag
// sets a part of it. The provider does the same for its cloud_storage block.
func (s *storageOptions) takeEnvironment(getenv func(string) string) error {
	if s.protocol != "" || s.host != "" || s.port != 0 || s.hostKey != "" || s.bastion != (bastionOptions{}) {
		return nil
	}
	at, invalid := storage.LocationOf(getenv)
	if len(invalid) > 0 {
		return invalid[0]
	}
	s.protocol, s.host, s.port, s.hostKey = string(at.Protocol), at.Host, at.Port, at.HostKey
	return nil
}

// check returns an error if options conflict, are missing or have a wrong value. It
// sets storage.use if any --storage flag is set.
func (o *options) check(flags *flag.FlagSet) error {
	const storagePrefix = "storage-"
	flags.Visit(func(f *flag.Flag) {
		if len(f.Name) > len(storagePrefix) && f.Name[:len(storagePrefix)] == storagePrefix {
			o.storage.use = true
		}
	})
	switch {
	case o.deployment == "":
		return errors.New("--deployment is required: set it to the deployment in the provider block")
	case !deploymentName.MatchString(o.deployment):
		return fmt.Errorf("the deployment %q must be 1 to 60 letters, digits, dots, dashes or underscores, and start with a letter or digit", o.deployment)
	case o.state == "" && !o.noState:
		return errors.New("--state is required, so that the objects of the state are kept: terraform state pull | terraform-provider-gogrid sweep --state - ...; " +
			"if the state is lost, set --no-state: then every object with the tag is a leftover")
	case o.state != "" && o.noState:
		return errors.New("--state and --no-state exclude each other")
	case o.timeout <= 0:
		return errors.New("--timeout must be greater than zero")
	case o.storage.protocol != "" && o.storage.protocol != "smb" && o.storage.protocol != "sftp":
		return fmt.Errorf("--storage-protocol must be smb or sftp, not %q", o.storage.protocol)
	}
	return nil
}
