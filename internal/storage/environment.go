// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"fmt"
	"strconv"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// Location is the location of Cloud Storage. Its fields must be used together,
// because a host key is valid for one server only.
type Location struct {
	Protocol Protocol
	Host     string
	Port     int
	HostKey  string
}

// VariableError describes an environment variable with an invalid value.
type VariableError struct {
	Part     string // the invalid field: protocol, port or host_key
	Variable string
	Value    string
	Rule     string // what the value must be
}

func (e *VariableError) Error() string {
	return fmt.Sprintf("the environment variable %s is %q, but must be %s", e.Variable, e.Value, e.Rule)
}

// LocationOf reads the location from the environment variables
// GOGRID_CLOUD_STORAGE_PROTOCOL, _HOST, _PORT and _HOST_KEY, which the command
// "gogrid-simulator run" sets. Fields without a variable are zero.
func LocationOf(getenv func(string) string) (Location, []*VariableError) {
	const prefix = "GOGRID_CLOUD_STORAGE_"
	var invalid []*VariableError
	refuse := func(part, variable, rule string) {
		invalid = append(invalid, &VariableError{part, prefix + variable, getenv(prefix + variable), rule})
	}
	found := Location{
		Protocol: Protocol(getenv(prefix + "PROTOCOL")),
		Host:     getenv(prefix + "HOST"),
		HostKey:  getenv(prefix + "HOST_KEY"),
	}
	if found.Protocol != "" && found.Protocol != SMB && found.Protocol != SFTP {
		refuse("protocol", "PROTOCOL", fmt.Sprintf("%q or %q", SMB, SFTP))
	}
	if text := getenv(prefix + "PORT"); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			refuse("port", "PORT", "a port from 1 to 65535")
		}
		found.Port = port
	}
	if found.HostKey != "" {
		if err := communicator.CheckHostKey(found.HostKey); err != nil {
			refuse("host_key", "HOST_KEY", "a host key: "+err.Error())
		}
	}
	return found, invalid
}
