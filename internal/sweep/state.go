// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package sweep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
)

// stateVersion is the format that Terraform has written since 0.12.
const stateVersion = 4

// state holds the parts of a Terraform state that this command reads.
type state struct {
	Version   int `json:"version"`
	Resources []struct {
		Mode      string `json:"mode"`
		Type      string `json:"type"`
		Instances []struct {
			Attributes json.RawMessage `json:"attributes"`
		} `json:"instances"`
	} `json:"resources"`
}

// attributes holds the attributes that identify an object of the grid.
type attributes struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	PublicIP  string `json:"public_ip"`
	PrivateIP string `json:"private_ip"`
	Address   string `json:"address"`
}

// maxState limits the size of a state, in bytes. A state with a thousand servers takes
// about 5 MB.
const maxState = 256 << 20

// readState returns the objects of the state in a file. The file "-" means standard
// input, which may be a pipe.
func readState(ctx context.Context, file string, stdin io.Reader) (*leftovers.Known, error) {
	var text []byte
	var err error
	name := file
	if file == "-" {
		name = "standard input"
		text, err = io.ReadAll(io.LimitReader(stdin, maxState+1))
		if len(text) > maxState {
			err = &localfile.SizeError{Size: int64(len(text)), Limit: maxState}
		}
	} else {
		text, err = localfile.Read(ctx, file, maxState)
	}
	if err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	known, err := parseState(text)
	if err != nil {
		return nil, fmt.Errorf("read the state from %s: %w", name, err)
	}
	return known, nil
}

// parseState returns the objects of a state, which must have the version
// stateVersion.
func parseState(text []byte) (*leftovers.Known, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("it is empty. Check that \"terraform state pull\" ran in the right directory and workspace; if there is no state, use --no-state")
	}
	var read state
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, fmt.Errorf("it is not a Terraform state: %w", err)
	}
	if read.Version != stateVersion {
		return nil, fmt.Errorf("it has the format version %d, but must have version %d", read.Version, stateVersion)
	}
	known := &leftovers.Known{}
	for _, resource := range read.Resources {
		if resource.Mode != "managed" {
			continue
		}
		for _, instance := range resource.Instances {
			if err := account(known, resource.Type, instance.Attributes); err != nil {
				return nil, fmt.Errorf("an object of the type %s: %w", resource.Type, err)
			}
		}
	}
	return known, nil
}

// account adds an object of the state, including a deposed one, to known. It skips
// types other than servers, sandboxes, images and private addresses.
func account(known *leftovers.Known, resourceType string, text json.RawMessage) error {
	switch resourceType {
	case "gogrid_server", "gogrid_sandbox", "gogrid_mygsi_image", "gogrid_private_ip":
	default:
		return nil
	}
	var object attributes
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	id, err := strconv.ParseInt(object.ID, 10, 64)
	numbered := err == nil && id > 0
	switch {
	case resourceType == "gogrid_private_ip":
		known.AddAddress(object.Address)
	case resourceType == "gogrid_mygsi_image" && numbered:
		known.AddImage(id)
	case resourceType == "gogrid_mygsi_image":
	case numbered:
		known.AddServer(id)
	case object.PublicIP != "":
		known.AddAddress(object.PublicIP) // an interrupted apply saved the server before it had an id
	}
	if object.PrivateIP != "" {
		known.AddAddress(object.PrivateIP)
	}
	if object.PublicIP != "" {
		known.AddServerName(object.Name)
	}
	return nil
}
