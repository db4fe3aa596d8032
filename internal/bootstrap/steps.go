// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import "strings"

// Step is one action that a server takes to install a release. Exactly one of
// Install, Certificate, Run and Service must be set.
type Step struct {
	Install     *Install     `json:"install,omitempty"`
	Certificate *Certificate `json:"certificate,omitempty"`
	Run         *Run         `json:"run,omitempty"`
	Service     *Service     `json:"service,omitempty"`
	// OnError defaults to Stop.
	OnError OnError `json:"on_error"`
	// When defaults to OnChange.
	When When `json:"when"`
}

// OnError is the reaction to a failed step.
type OnError string

// Values of OnError.
const (
	// Stop ends the installation. The server then keeps its old release.
	Stop OnError = "stop"
	// Continue records the failure and runs the next step.
	Continue OnError = "continue"
)

// When selects the boots at which a step runs.
type When string

// Values of When.
const (
	FirstBoot When = "first_boot" // only once on each server
	EveryBoot When = "every_boot"
	OnChange  When = "on_change" // if the release is not installed yet
)

// Install makes a folder of the server a mirror of a folder in the archive. Files
// that are not in the archive are deleted from the server's folder.
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
	// Store is the machine's certificate store on Windows, where it defaults to
	// DefaultStore. On Linux it is the folder for the key and the certificate.
	Store string `json:"store"`
}

// Run executes a script from the archive.
type Run struct {
	Script string   `json:"script"`
	Args   []string `json:"args"`
	// TimeoutSeconds limits how long the script may run. 0 means
	// DefaultTimeoutSeconds.
	TimeoutSeconds int64 `json:"timeout_seconds"`
}

// Service starts, stops, restarts or reloads a service of the server.
type Service struct {
	Name   string `json:"name"`
	Action string `json:"action"`
}

// Defaults of steps. DefaultStore is the default of Certificate.Store on Windows.
const (
	DefaultOnError = Stop
	DefaultWhen    = OnChange
	DefaultStore   = "My"
)

// Default and maximum of Run.TimeoutSeconds.
const (
	DefaultTimeoutSeconds int64 = 600
	MaxTimeoutSeconds     int64 = 86_400 // a day
)

// Limits of steps.
const (
	MaxSteps = 200
	MaxArgs  = 100
	// MaxArgsLength is the maximum total length of all arguments, in bytes. A
	// Windows command line holds 8191 characters, and escaping adds to the length.
	MaxArgsLength = 4000
)

// ServiceActions returns the allowed values of Service.Action.
func ServiceActions() []string { return []string{"start", "stop", "restart", "reload"} }

// completeSteps returns the steps with their defaults filled in and their paths
// normalized.
func (r Recipe) completeSteps() []Step {
	steps := make([]Step, len(r.Steps))
	for i, step := range r.Steps {
		if step.OnError == "" {
			step.OnError = DefaultOnError
		}
		if step.When == "" {
			step.When = DefaultWhen
		}
		if install := step.Install; install != nil {
			to, _ := r.OS.cleanTarget(install.To) // checkSteps has ruled out an error
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

// folderName returns the path of a folder without a trailing slash.
func folderName(path string) string { return strings.TrimSuffix(path, "/") }
