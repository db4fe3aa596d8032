// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"encoding/json"
	"strings"
)

// event is a line of what Terraform and OpenTofu tell with -json.
type event struct {
	Type       string            `json:"type"`
	Message    string            `json:"@message"`
	Changes    Changes           `json:"changes"`
	Hook       hook              `json:"hook"`
	Diagnostic diagnostic        `json:"diagnostic"`
	Outputs    map[string]output `json:"outputs"`
}

// Changes counts what a plan would do or an apply has done.
type Changes struct {
	Add       int    `json:"add"`
	Change    int    `json:"change"`
	Remove    int    `json:"remove"`
	Operation string `json:"operation"`
}

// hook is what happens to a resource.
type hook struct {
	Resource struct {
		Address string `json:"addr"`
	} `json:"resource"`
	Action string `json:"action"`
}

// key tells apart what happens to a resource: a replacement is a create and a
// delete at the same address.
func (h hook) key() string { return h.Action + " " + h.Resource.Address }

type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

type output struct {
	Value json.RawMessage `json:"value"`
}

// Outputs are those that the examples of the story have in common.
type Outputs struct {
	// Servers are those of the grid by name.
	Servers map[string]Server
	// Image is what servers are made from.
	Image Image
}

// Server is a server of the grid.
type Server struct {
	PublicIP  string `json:"public_ip"`
	PrivateIP string `json:"private_ip"`
	ImageID   string `json:"image_id"`
}

// Image is a MyGSI image.
type Image struct {
	ID           string `json:"id"`
	FriendlyName string `json:"friendly_name"`
}

// merge reads values that are told. A plan tells outputs without values, and an
// apply that changes none tells them all the same.
func (o *Outputs) merge(values map[string]output) {
	for name, into := range map[string]any{"servers": &o.Servers, "image": &o.Image} {
		if value := values[name].Value; value != nil {
			// An output of another form is one that the account cannot show.
			_ = json.Unmarshal(value, into)
		}
	}
}

// parse reads a line. One that is no event is left for the log.
func parse(line []byte) (event, bool) {
	var e event
	err := json.Unmarshal(line, &e)
	return e, err == nil && e.Type != ""
}

// text is an event as a line of the log; a diagnostic with all that it says.
func (e event) text() string {
	if e.Type != "diagnostic" {
		return e.Message
	}
	text := e.Message
	if e.Diagnostic.Address != "" {
		text += "\n  with " + e.Diagnostic.Address
	}
	if e.Diagnostic.Detail != "" {
		text += "\n  " + strings.ReplaceAll(e.Diagnostic.Detail, "\n", "\n  ")
	}
	return text
}
