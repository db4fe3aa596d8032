// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import "strings"

// Step is one thing that a server does with a release. Exactly one of Install,
// Certificate, Run and Service is set.
type Step struct {
	Install     *Install     `json:"install,omitempty"`
	Certificate *Certificate `json:"certificate,omitempty"`
	Run         *Run         `json:"run,omitempty"`
	Service     *Service     `json:"service,omitempty"`
	// OnError is Stop unless given.
	OnError OnError `json:"on_error"`
	// When is OnChange unless given.
	When When `json:"when"`
}

// OnError is what follows when a step fails.
type OnError string

// What may follow a failed step.
const (
	// Stop ends the installation; the server goes on with its old release.
	Stop OnError = "stop"
	// Continue notes the failure and goes on with the next step.
	Continue OnError = "continue"
)

// When tells at which boots a step is done.
type When string

// The boots of a step.
const (
	FirstBoot When = "first_boot" // once in the life of a server
	EveryBoot When = "every_boot"
	OnChange  When = "on_change" // when the release is not the one installed
)

// Install makes a folder of the server a mirror of one in the archive: what is
// not in the archive is deleted there.
type Install struct {
	// From is a folder of the archive.
	From string `json:"from"`
	// To is an absolute path on the server.
	To string `json:"to"`
}

// Certificate imports a certificate with its private key.
type Certificate struct {
	// File is the path of a PKCS #12 file in the archive.
	File string `json:"file"`
	// PasswordFile is the path of a file in the archive whose first and only
	// line is the password. Empty when the password is not in the archive.
	PasswordFile string `json:"password_file,omitempty"`
	// Store is the machine's certificate store on Windows, DefaultStore unless
	// given, and the folder for key and certificate on Linux.
	Store string `json:"store"`
}

// Run runs a script of the archive.
type Run struct {
	Script string   `json:"script"`
	Args   []string `json:"args"`
	// TimeoutSeconds is how long the script may run, DefaultTimeoutSeconds
	// unless given.
	TimeoutSeconds int64 `json:"timeout_seconds"`
}

// Service changes a service of the server.
type Service struct {
	Name   string `json:"name"`
	Action string `json:"action"`
}

// DefaultStore is where certificates go on Windows unless a step says otherwise.
const DefaultStore = "My"

// How long a script may run, in seconds.
const (
	DefaultTimeoutSeconds int64 = 600
	MaxTimeoutSeconds     int64 = 86_400 // a day
)

// Limits of steps.
const (
	MaxSteps = 200
	MaxArgs  = 100
	// MaxArgsLength is the length of all arguments together, in bytes: a
	// command line of Windows holds 8191 characters, and escaping adds some.
	MaxArgsLength = 4000
)

// ServiceActions are what may be done to a service.
func ServiceActions() []string { return []string{"start", "stop", "restart", "reload"} }

// completeSteps are the steps with their defaults, paths in their one form.
func (r Recipe) completeSteps() []Step {
	steps := make([]Step, len(r.Steps))
	for i, step := range r.Steps {
		if step.OnError == "" {
			step.OnError = Stop
		}
		if step.When == "" {
			step.When = OnChange
		}
		if install := step.Install; install != nil {
			to, _ := r.OS.cleanTarget(install.To) // checked before
			step.Install = &Install{From: folderName(install.From), To: to}
		}
		if certificate := step.Certificate; certificate != nil && certificate.Store == "" {
			complete := *certificate
			complete.Store = DefaultStore
			step.Certificate = &complete
		}
		if run := step.Run; run != nil {
			complete := *run
			if complete.TimeoutSeconds == 0 {
				complete.TimeoutSeconds = DefaultTimeoutSeconds
			}
			complete.Args = append([]string{}, run.Args...) // [] rather than null
			step.Run = &complete
		}
		steps[i] = step
	}
	return steps
}

// folderName is a folder of the archive without the slash that may end it.
func folderName(path string) string { return strings.TrimSuffix(path, "/") }
