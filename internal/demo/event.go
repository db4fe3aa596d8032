// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"encoding/json"
	"strings"
)

// event is a line of the engine's output with -json.
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

// hook is a change of a resource.
type hook struct {
	Resource struct {
		Address string `json:"addr"`
	} `json:"resource"`
	Action string `json:"action"`
}

// key identifies a change by action and address, because a replacement is a
// create and a delete at the same address.
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

// Outputs holds the outputs that the examples of the demo have in common.
type Outputs struct {
	// Servers holds the servers of the grid by name.
	Servers map[string]Server
	// Image is the image of the servers.
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

// merge reads the values that an event contains. The events of a plan have
// outputs without values. An apply reports all values, even unchanged ones.
func (o *Outputs) merge(values map[string]output) {
	for name, into := range map[string]any{"servers": &o.Servers, "image": &o.Image} {
		if value := values[name].Value; value != nil {
			// Ignore an output of another type: the demo cannot show it.
			_ = json.Unmarshal(value, into)
		}
	}
}

// parse reads a line. ok is false if the line is not an event.
func parse(line []byte) (e event, ok bool) {
	err := json.Unmarshal(line, &e)
	return e, err == nil && e.Type != ""
}

// text formats an event as an entry of the log. The entry of a diagnostic
// includes its detail.
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
