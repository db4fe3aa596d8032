// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	attributepath "github.com/hashicorp/terraform-plugin-framework/path"
)

// rule describes a setting that does not survive GoGrid's prep step or the
// first boot of a server made from the image. The plan warns about a recipe
// that makes such a setting, before the user spends an hour on the build. A
// rule must not match text that the recipe writes to a startup script, because
// the script makes the setting again at each boot.
type rule struct {
	// summary and advice are the texts of the warning. advice explains the effect
	// and what to do instead.
	summary, advice string
	// matchesStatement reports whether a statement of a command or script makes the
	// setting.
	matchesStatement func(statement) bool
	// matchesFile reports whether a file at a destination makes the setting. It
	// is nil if files cannot make the setting.
	matchesFile func(destination, content string) bool
}

var rules = []rule{staticAddress, enabledAdapter, certificateKey, administratorPassword}

// PrepWarnings returns a warning for each kind of setting that does not survive
// the prep step. It returns no warnings if the recipe has no prep command.
func (r *Recipe) PrepWarnings() diag.Diagnostics {
	var diags diag.Diagnostics
	if r.PrepCommand == "" {
		return diags
	}
	parts := r.parts()
	for _, rule := range rules {
		var found places
		for _, part := range parts {
			if part.matches(rule) {
				found.add(part.at, part.name)
			}
		}
		diags.Append(found.warning(rule.summary, "Found in prepare: ", rule.advice)...)
	}
	return diags
}

// places are the parts of a recipe that one warning names.
type places struct {
	first attributepath.Path
	names []string
}

func (p *places) add(at attributepath.Path, name string) {
	if len(p.names) == 0 {
		p.first = at
	}
	p.names = append(p.names, name)
}

// warning returns the warning about the places on the attribute of the first one, or
// nothing if there are no places.
func (p *places) warning(summary, foundIn, advice string) diag.Diagnostics {
	if len(p.names) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(p.first, summary, foundIn+strings.Join(p.names, ", ")+". "+advice)}
}

// part is a file that a recipe uploads to a sandbox, or a command or script that it
// runs there.
type part struct {
	name        string
	at          attributepath.Path
	destination string // path of a file; empty for a command or script
	script      bool
	text        string
}

// matches reports whether the part makes the setting that the rule describes.
func (p part) matches(r rule) bool {
	if p.destination != "" {
		return r.matchesFile != nil && r.matchesFile(p.destination, p.text)
	}
	for _, s := range statements(p.text) {
		if r.matchesStatement(s) {
			return true
		}
	}
	return false
}

// parts returns the files, commands and scripts of the recipe. The text of a
// file that cannot be read is empty: Read reports that error.
func (r *Recipe) parts() []part {
	at := attributepath.Root("prepare")
	var all []part
	for i, file := range r.Files {
		all = append(all, part{name: file.name, at: at.AtName("files").AtListIndex(i), destination: file.Destination, text: file.readStart()})
	}
	for _, step := range r.AllSteps() {
		if !step.Restart {
			all = append(all, part{name: step.Name, at: step.At, script: step.Script != nil, text: step.text()})
		}
	}
	return all
}

// text returns the text of a command, the start of a script, or "" for a restart.
func (s Step) text() string {
	if s.Script != nil {
		return s.Script.readStart()
	}
	return s.Command
}

// readStart returns the first 1 MiB of a file's content, or "" if it cannot be read.
func (f File) readStart() string {
	if f.Open == nil {
		return ""
	}
	content, err := f.Open()
	if err != nil {
		return ""
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, maxScript))
	if err != nil {
		return ""
	}
	return string(text)
}

// statement is a line of a command or script.
type statement struct {
	line string // as written
	bare string // the line without the text inside quotes
	body string // the here-document that the line starts; empty if there is none
}

var (
	hereDocument = regexp.MustCompile(`<<-?\s*["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)
	quoted       = regexp.MustCompile(`'[^']*'|"(?:\\.|[^"\\])*"`)
	comment      = regexp.MustCompile(`(?i)^\s*(#|::|@?rem\s)`)
)

// statements splits a command or script into lines, and drops comments. The
// text of a here-document becomes the body of the line that starts the
// here-document, because the shell does not run this text as commands.
func statements(text string) []statement {
	var all []statement
	text = strings.ReplaceAll(text, "\r\n", "\n")
	lines := strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if comment.MatchString(line) {
			continue
		}
		s := statement{line: line, bare: quoted.ReplaceAllString(line, `""`)}
		if end := hereDocument.FindStringSubmatch(line); end != nil && !strings.Contains(line, "<<<") {
			var body []string
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != end[1]; i++ {
				body = append(body, lines[i])
			}
			s.body = strings.Join(body, "\n")
		}
		all = append(all, s)
	}
	return all
}

// commandPattern compiles a pattern so that it matches only where a shell expects a
// command.
func commandPattern(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[;&|(]|\b(?:then|do|else|sudo|exec|cmd(?:\.exe)?\s+/c)\s)\s*@?(?:[^\s;&|()]*[/\\])?` + pattern)
}

// The private adapter is eth1 on Linux and "Local Area Connection 2" on
// Windows.
var (
	ipAddress       = commandPattern(`ip\s+(?:-\S+\s+)*a(?:d|dd|ddr|ddress)?\s+(?:add|a|replace|change)\s[^;&|]*\bdev\s+eth1(?:\s|[:;&|)]|$)`)
	ifconfigAddress = commandPattern(`ifconfig\s+eth1(?::\d+)?\s+(?:inet\s+|add\s+)?\d+\.\d+\.\d+\.\d+`)
	netshAddress    = commandPattern(`netsh(?:\.exe)?\s[^;&|]*\baddr(?:ess)?\s[^;&|]*"Local Area Connection 2"`)
	netshStatic     = regexp.MustCompile(`(?i)\bstatic\b|\badd\s+addr`)
	settingsFile    = regexp.MustCompile(`(?:>|\bsed\s[^;|]*-i|\btee\s)[^;|]*/ifcfg-eth1(?::\d+)?(?:[\s;|&"')<]|$)`)
	interfacesFile  = regexp.MustCompile(`(?:>|\btee\s)[^;|]*/etc/network/interfaces(?:[\s;|&"')<]|$)`)
	staticSettings  = regexp.MustCompile(`(?m)(?:^|[\s/"'])(?:BOOTPROTO=["']?static|IPADDR\d*=)`)
	staticStanza    = regexp.MustCompile(`(?m)(?:^|["'])\s*iface\s+eth1(?::\d+)?\s+inet\s+static\b`)

	ifup             = commandPattern(`ifup\s+(?:-\S+\s+)*eth1(?:\s|[;&|)]|$)`)
	ipLinkUp         = commandPattern(`ip\s+(?:-\S+\s+)*l(?:i|in|ink)?\s+set\s+(?:dev\s+)?eth1\s[^;&|]*\bup\b`)
	ipLinkSetUp      = commandPattern(`ip\s+(?:-\S+\s+)*l(?:i|in|ink)?\s+set\s+up\s+(?:dev\s+)?eth1(?:\s|[;&|)]|$)`)
	ifconfigUp       = commandPattern(`ifconfig\s+eth1\s(?:[^;&|]*\s)?up(?:\s|[;&|)]|$)`)
	netshEnabled     = commandPattern(`netsh(?:\.exe)?\s+int(?:erface)?\s+set\s+interface\s[^;&|]*"Local Area Connection 2"[^;&|]*\benabled?\b`)
	privateKeyText   = regexp.MustCompile(`-----BEGIN (?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----`)
	privateKeyFolder = regexp.MustCompile(`^/etc/(?:ssl/private|pki/tls/private)/`)
	privateKeyTarget = regexp.MustCompile(`(?:(?:>|\btee\s|-a\s|-keyout\s|-out\s)\s*|\b(?:cp|mv|install)\s[^;&|]*\s)["']?/etc/(?:ssl/private|pki/tls/private)/[^\s;&|"']*["']?\s*(?:[;&|)<>-]|$)`)
	accountKeyFolder = regexp.MustCompile(`/\.ssh/|^/etc/ssh/`)
	pfxFile          = regexp.MustCompile(`(?i)\.(?:pfx|p12)$`)
	certutilImport   = commandPattern(`certutil(?:\.exe)?\s[^;&|]*-importpfx\b`)
	importCmdlet     = commandPattern(`Import-PfxCertificate\b`)

	passwdRoot      = commandPattern(`passwd\s+(?:-\S+\s+)*root(?:\s|[;&|<>)]|$)`)
	chpasswdPipe    = regexp.MustCompile(`(?:["'\s]|\\n)root:[^|;&]*\|\s*(?:sudo\s+)?\S*\bchpasswd(?:\s|[;&|)]|$)`)
	chpasswdString  = regexp.MustCompile(`\bchpasswd\b[^;&|]*<<<\s*["']?root:`)
	chpasswdFile    = commandPattern(`chpasswd(?:\s|$)`)
	rootLine        = regexp.MustCompile(`(?m)^\s*root:`)
	usermodRoot     = commandPattern(`usermod\s[^;&|]*(?:-p|--password)[\s=][^;&|]*\sroot(?:\s|[;&|)]|$)`)
	netUserPassword = commandPattern(`net(?:1|\.exe)?\s+user\s+"?Administrator"?\s+[^/\s;&|>]`)
)

var staticAddress = rule{
	summary: "A static address on the private adapter does not survive the prep step",
	advice: "On each server made from the image the private adapter is disabled, and with a static address all those servers would have the same address. " +
		"Set the address on the server itself, with a startup script that runs at each boot, or leave the adapter on DHCP.",
	matchesStatement: func(s statement) bool {
		return ipAddress.MatchString(s.bare) || ifconfigAddress.MatchString(s.bare) ||
			netshAddress.MatchString(s.line) && netshStatic.MatchString(s.line) ||
			settingsFile.MatchString(s.line) && staticSettings.MatchString(s.line+"\n"+s.body) ||
			interfacesFile.MatchString(s.line) && staticStanza.MatchString(s.line+"\n"+s.body)
	},
	matchesFile: func(destination, content string) bool {
		name := path.Base(destination)
		switch {
		case name == "ifcfg-eth1" || strings.HasPrefix(name, "ifcfg-eth1:"):
			return staticSettings.MatchString(uncommented(content))
		case destination == "/etc/network/interfaces" || strings.HasPrefix(destination, "/etc/network/interfaces.d/"):
			return staticStanza.MatchString(uncommented(content))
		}
		return false
	},
}

var enabledAdapter = rule{
	summary: "An enabled private adapter does not survive the prep step",
	advice: "On each server made from the image the private adapter is disabled, even if it was enabled in the sandbox. " +
		"Enable it on the server itself, with a startup script that runs at each boot. If only the preparation needs the private network, you can ignore this warning.",
	matchesStatement: func(s statement) bool {
		return ifup.MatchString(s.bare) || ipLinkUp.MatchString(s.bare) || ipLinkSetUp.MatchString(s.bare) || ifconfigUp.MatchString(s.bare) ||
			netshEnabled.MatchString(s.line)
	},
}

var certificateKey = rule{
	summary: "The private key of a certificate does not survive the prep step",
	advice: "On each server made from the image the private keys of installed certificates are gone, and the certificates cannot be used. " +
		"Have a startup script fetch the certificate on the server itself and import it.",
	matchesStatement: func(s statement) bool {
		return privateKeyText.MatchString(s.line+"\n"+s.body) || privateKeyTarget.MatchString(s.line) ||
			certutilImport.MatchString(s.bare) || importCmdlet.MatchString(s.bare)
	},
	matchesFile: func(destination, content string) bool {
		return privateKeyFolder.MatchString(destination) || pfxFile.MatchString(destination) ||
			privateKeyText.MatchString(content) && !accountKeyFolder.MatchString(destination)
	},
}

var administratorPassword = rule{
	summary: "The administrator's password does not survive the prep step",
	advice: "Each server made from the image gets a new password for root or Administrator, which is in the account's password list (ephemeral gogrid_server_password reads it). " +
		"Other accounts keep their names and passwords: create an account of your own, or let a startup script set the password.",
	matchesStatement: func(s statement) bool {
		return passwdRoot.MatchString(s.bare) || usermodRoot.MatchString(s.bare) || netUserPassword.MatchString(s.line) ||
			chpasswdPipe.MatchString(s.line) || chpasswdString.MatchString(s.line) ||
			chpasswdFile.MatchString(s.bare) && rootLine.MatchString(s.body)
	},
}

// uncommented returns the text of a configuration file without its comments.
func uncommented(content string) string {
	var kept []string
	for line := range strings.Lines(content) {
		if !comment.MatchString(line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
