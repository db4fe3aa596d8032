// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stepCheck collects the problems of the steps.
type stepCheck struct {
	os       OS
	problems []Problem
}

// checkSteps finds the problems that do not depend on the files.
func (r Recipe) checkSteps() []Problem {
	c := &stepCheck{os: r.OS}
	switch {
	case r.OS != "" && r.OS != Linux && r.OS != Windows:
		c.problems = append(c.problems, Problem{Field: FieldOS, Err: fmt.Errorf("the operating system is %q: it must be %q or %q", r.OS, Linux, Windows)})
		return c.problems
	case r.OS == "" && len(r.Steps) > 0:
		c.problems = append(c.problems, Problem{Field: FieldOS, Err: fmt.Errorf("there are steps, and what they may do depends on the operating system of the servers: set the operating system to %q or %q", Linux, Windows)})
		return c.problems
	case len(r.Steps) > MaxSteps:
		c.add(MaxSteps, "", fmt.Errorf("there are more than %d steps, the maximum: move the rest into a script", MaxSteps))
		return c.problems
	}
	for i, step := range r.Steps {
		c.checkStep(i, step)
	}
	c.checkTargetClashes(r.Steps)
	return c.problems
}

func (c *stepCheck) add(step int, attribute string, err error) {
	if err != nil {
		c.problems = append(c.problems, Problem{Field: FieldSteps, Index: step, Attribute: attribute, Err: err})
	}
}

func (c *stepCheck) checkStep(i int, step Step) {
	var kinds []string
	if step.Install != nil {
		kinds = append(kinds, "install")
		c.add(i, "install.from", checkFolder(step.Install.From))
		c.add(i, "install.to", c.os.checkTarget(step.Install.To))
	}
	if step.Certificate != nil {
		kinds = append(kinds, "certificate")
		c.checkCertificate(i, *step.Certificate)
	}
	if step.Run != nil {
		kinds = append(kinds, "run")
		c.checkRun(i, *step.Run)
	}
	if step.Service != nil {
		kinds = append(kinds, "service")
		c.checkService(i, *step.Service)
	}
	switch len(kinds) {
	case 1:
	case 0:
		c.add(i, "", errors.New("the step does nothing: give it one of install, certificate, run and service"))
	default:
		c.add(i, "", fmt.Errorf("the step is %s at the same time: make each one a separate step", strings.Join(kinds, " and ")))
	}
	c.add(i, "on_error", oneOf("on_error", string(step.OnError), string(Stop), string(Continue)))
	c.add(i, "when", oneOf("when", string(step.When), string(FirstBoot), string(EveryBoot), string(OnChange)))
}

// oneOf checks that text is one of known, or empty, which means the default.
func oneOf(what, text string, known ...string) error {
	if text == "" || slices.Contains(known, text) {
		return nil
	}
	return fmt.Errorf("%s is %q: it must be one of %s", what, text, strings.Join(known, ", "))
}

// withPath adds the path to an error of CheckPath, which does not contain the
// path.
func withPath(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q %w", path, err)
}

func checkFolder(from string) error {
	if from == "." || from == "./" {
		return errors.New(`"." is the whole archive, including the manifest: put the files into a folder of the archive and name that folder`)
	}
	return withPath(from, CheckPath(folderName(from)))
}

func (c *stepCheck) checkCertificate(i int, certificate Certificate) {
	if err := CheckPath(certificate.File); err != nil {
		c.add(i, "certificate.file", withPath(certificate.File, err))
	} else if !isPKCS12(certificate.File) {
		c.add(i, "certificate.file", fmt.Errorf("%q is not a PKCS #12 file by its name: it must end in .pfx or .p12; copy other kinds of certificates with an install step", certificate.File))
	}
	if certificate.PasswordFile != "" {
		c.add(i, "certificate.password_file", withPath(certificate.PasswordFile, CheckPath(certificate.PasswordFile)))
	}
	c.add(i, "certificate.store", c.os.checkStore(certificate.Store))
}

func isPKCS12(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".pfx", ".p12":
		return true
	}
	return false
}

func (o OS) checkStore(store string) error {
	if o == Linux {
		if store == "" {
			return errors.New("the store is missing: on Linux, name the folder for the key and the certificate, such as /etc/pki/site")
		}
		return o.checkTarget(store)
	}
	for _, c := range store {
		if !isWord(c) && c != ' ' {
			return fmt.Errorf("%q holds %q: name a certificate store of the machine, such as %s or WebHosting", store, c, DefaultStore)
		}
	}
	return nil
}

func isWord(c rune) bool {
	return c < utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c)) || c == '_' || c == '-' || c == '.'
}

func (c *stepCheck) checkRun(i int, run Run) {
	if err := CheckPath(run.Script); err != nil {
		c.add(i, "run.script", withPath(run.Script, err))
	} else if extension := strings.ToLower(path.Ext(run.Script)); c.os == Windows && !slices.Contains(windowsScripts(), extension) {
		c.add(i, "run.script", fmt.Errorf("%q is not a script that Windows runs: it must end in one of %s", run.Script, strings.Join(windowsScripts(), ", ")))
	}
	if run.TimeoutSeconds < 0 || run.TimeoutSeconds > MaxTimeoutSeconds {
		c.add(i, "run.timeout", fmt.Errorf("the timeout is %d seconds: it must be from 1 to %d (a day)", run.TimeoutSeconds, MaxTimeoutSeconds))
	}
	total := 0
	for n, arg := range run.Args {
		total += len(arg) + 1
		if err := c.os.checkArg(arg); err != nil {
			c.add(i, "run.args", fmt.Errorf("argument number %d, %q, %w", n+1, arg, err))
		}
	}
	if len(run.Args) > MaxArgs || total > MaxArgsLength {
		c.add(i, "run.args", fmt.Errorf("there are %d arguments with %d bytes: at most %d arguments with %d bytes in total are allowed; put them into a file of the archive", len(run.Args), total, MaxArgs, MaxArgsLength))
	}
}

func windowsScripts() []string { return []string{".cmd", ".bat", ".ps1", ".vbs", ".exe"} }

// checkArg rejects arguments that a command line cannot hold.
func (o OS) checkArg(arg string) error {
	if !utf8.ValidString(arg) {
		return errors.New("is not valid UTF-8")
	}
	position := 0
	for _, c := range arg {
		position++
		switch {
		case unicode.IsControl(c):
			return fmt.Errorf("has the control character %U at position %d: an argument must be one line", c, position)
		case o == Windows && c == '"':
			return fmt.Errorf("has a double quote at position %d, which cmd cannot pass on reliably: use a file of the archive", position)
		case o == Windows && c >= utf8.RuneSelf:
			return fmt.Errorf("has %q at position %d: cmd scripts are ASCII; use a file of the archive", c, position)
		}
	}
	return nil
}

func (c *stepCheck) checkService(i int, service Service) {
	c.add(i, "service.name", c.os.checkService(service.Name))
	switch {
	case service.Action == "":
		c.add(i, "service.action", fmt.Errorf("the action is missing: it must be one of %s", strings.Join(ServiceActions(), ", ")))
	case c.os == Windows && service.Action == "reload":
		c.add(i, "service.action", errors.New(`the action is "reload", which Windows services do not support: use "restart"`))
	default:
		c.add(i, "service.action", oneOf("the action", service.Action, ServiceActions()...))
	}
}

func (o OS) checkService(name string) error {
	if name == "" || len(name) > 200 {
		return fmt.Errorf("the name of the service has %d characters: it must have 1 to 200", len(name))
	}
	extra := "@:" // as in getty@tty1, an instance of a systemd unit
	if o == Windows {
		extra = " $" // as in MSSQL$SHOP
	}
	for i, c := range name {
		if !isWord(c) && !strings.ContainsRune(extra, c) || i == 0 && c == '-' {
			return fmt.Errorf("%q has %q at position %d, which a service name cannot contain; on Windows use the service's short name", name, c, i+1)
		}
	}
	return nil
}
