// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package webserver

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// apacheIgnored are directives that have no effect on the simulated server.
var apacheIgnored = strings.Fields(`serverroot user group serveradmin errorlog loglevel customlog logformat transferlog timeout keepalive
	keepalivetimeout maxkeepaliverequests servertokens serversignature usecanonicalname hostnamelookups pidfile lockfile mutex loadmodule
	startservers minspareservers maxspareservers maxclients maxrequestsperchild serverlimit threadlimit threadsperchild minsparethreads
	maxsparethreads options allowoverride order allow require accessfilename defaulttype typesconfig addtype addhandler addencoding addlanguage
	addcharset adddefaultcharset addicon addiconbyencoding addiconbytype defaulticon readmename headername indexignore indexoptions languagepriority
	forcelanguagepriority browsermatch setenvif setenv enablemmap enablesendfile namevirtualhost extendedstatus satisfy sslprotocol
	sslciphersuite sslpassphrasedialog sslsessioncache sslsessioncachetimeout sslmutex sslrandomseed sslcryptodevice ssloptions
	sslcertificatechainfile sslhonorcipherorder serveralias errordocument fileetag mimemagicfile contentdigest expiresactive header`)

// apacheReader reads a configuration of Apache.
type apacheReader struct {
	files  disk.FS
	base   string // ServerRoot: relative names start there
	config *Config
	count  int
	main   *Site
	site   *Site // the current VirtualHost; nil outside a VirtualHost block
}

// ReadApache reads a configuration from its main file and all included files.
func ReadApache(files disk.FS, name string) (*Config, error) {
	r := &apacheReader{files: files, base: path.Dir(name), config: &Config{}, main: &Site{Root: "/usr/local/apache2/htdocs"}}
	if err := r.file(name, 0); err != nil {
		return nil, err
	}
	if len(r.main.Listens) == 0 {
		return nil, errors.New("no listening sockets available, shutting down")
	}
	for _, site := range r.config.Sites {
		r.finish(site)
	}
	r.config.Sites = append(r.config.Sites, r.main)
	for _, site := range r.config.Sites {
		for _, location := range site.Locations {
			location.inherit(site)
		}
	}
	if len(r.config.Ports()) > maxPorts {
		return nil, fmt.Errorf("more than %d ports", maxPorts)
	}
	return r.config, nil
}

// finish completes a virtual host with the settings of the main server. It
// removes the ports on which the server does not listen.
func (r *apacheReader) finish(site *Site) {
	if site.Root == "" {
		site.Root = r.main.Root
	}
	if site.Index == nil {
		site.Index = r.main.Index
	}
	var kept []Listen
	for _, listen := range r.main.Listens {
		for _, own := range site.Listens {
			if own.Port == listen.Port || own.Port == 0 {
				kept = append(kept, Listen{listen.Port, site.Certificate != "" && own.TLS})
			}
		}
	}
	site.Listens = kept
	for _, listen := range kept {
		if listen.TLS { // the main server cannot serve plain HTTP on a TLS port
			r.main.Listens = slices.DeleteFunc(r.main.Listens, func(l Listen) bool { return l.Port == listen.Port })
		}
	}
}

func (r *apacheReader) file(name string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d levels of included files: %s", maxDepth, name)
	}
	text, err := readFile(r.files, name)
	if err != nil {
		return fmt.Errorf("could not open document config file %s: %w", name, err)
	}
	var open []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		number, line := i+1, strings.TrimSpace(lines[i])
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + " " + strings.TrimSpace(lines[i])
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if r.count++; r.count > maxDirectives {
			return &Error{"too many directives", name, number}
		}
		problem := ""
		switch {
		case strings.HasPrefix(line, "</"):
			problem, open = r.closeSection(line, open)
		case strings.HasPrefix(line, "<"):
			var kind string
			kind, problem = r.openSection(line)
			open = append(open, kind)
		default:
			var err error
			if problem, err = r.directive(line, open, depth); err != nil {
				return err
			}
		}
		if problem != "" {
			return &Error{problem, name, number}
		}
	}
	if len(open) > 0 {
		return &Error{"Expected </" + open[len(open)-1] + "> before end of configuration", name, len(lines)}
	}
	return nil
}

func (r *apacheReader) openSection(line string) (kind, problem string) {
	if !strings.HasSuffix(line, ">") {
		return "", line + "> directive missing closing '>'"
	}
	words := apacheWords(strings.TrimSuffix(strings.TrimPrefix(line, "<"), ">"))
	if len(words) == 0 {
		return "", "Invalid command '<>'"
	}
	kind = words[0]
	switch strings.ToLower(kind) {
	case "virtualhost":
		if r.site != nil {
			return kind, "<VirtualHost> cannot occur within <VirtualHost> section"
		}
		r.site = &Site{}
		for _, at := range words[1:] {
			listen := Listen{}
			if text := at[strings.LastIndex(at, ":")+1:]; strings.Contains(at, ":") && text != "*" {
				port, err := strconv.Atoi(text)
				if err != nil {
					return kind, "The port number \"" + text + "\" is outside the appropriate range (i.e., 1..65535)."
				}
				listen.Port = port
			}
			r.site.Listens = append(r.site.Listens, listen)
		}
	case "directory", "directorymatch", "files", "filesmatch", "location", "locationmatch", "ifmodule", "ifdefine", "ifversion", "limit", "limitexcept", "proxy", "macro":
	default:
		return kind, "Invalid command '<" + kind + "', perhaps misspelled or defined by a module not included in the server configuration"
	}
	return kind, ""
}

func (r *apacheReader) closeSection(line string, open []string) (problem string, rest []string) {
	kind := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(line, "</"), ">"))
	if len(open) == 0 || !strings.EqualFold(open[len(open)-1], kind) {
		return "</" + kind + "> without matching <" + kind + "> section", open
	}
	if strings.EqualFold(kind, "virtualhost") {
		r.config.Sites = append(r.config.Sites, r.site)
		r.site = nil
	}
	return "", open[:len(open)-1]
}

// directive reads one line. It returns a problem in this line as text, to which
// the caller adds the file and line. An error from an included file already
// contains its own file and line.
func (r *apacheReader) directive(line string, open []string, depth int) (problem string, err error) {
	words := apacheWords(line)
	name, args := strings.ToLower(words[0]), words[1:]
	if slices.Contains(apacheIgnored, name) && name != "serverroot" && name != "serveralias" {
		return "", nil
	}
	if slices.ContainsFunc(open, func(kind string) bool {
		return !strings.EqualFold(kind, "virtualhost") && !strings.HasPrefix(strings.ToLower(kind), "if")
	}) {
		return "", nil // ignore the settings of a folder, such as permissions and options
	}
	if len(args) == 0 {
		return words[0] + " takes at least one argument", nil
	}
	site := r.main
	if r.site != nil {
		site = r.site
	}
	switch name {
	case "serverroot":
		r.base = args[0]
	case "include", "includeoptional":
		return r.include(name, args[0], depth)
	case "listen":
		text := args[0][strings.LastIndex(args[0], ":")+1:]
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			return "Port must be specified", nil
		}
		if !slices.Contains(r.main.Listens, Listen{Port: port}) {
			r.main.Listens = append(r.main.Listens, Listen{Port: port})
		}
	case "documentroot":
		site.Root = absolute(r.base, args[0])
		if found, err := r.files.Stat(site.Root); err != nil || !found.IsDir() {
			return "DocumentRoot must be a directory", nil
		}
	case "directoryindex":
		site.Index = args
	case "servername", "serveralias":
		for _, name := range args {
			host, _, _ := strings.Cut(name, ":")
			if site != r.main {
				site.Names = append(site.Names, host)
			}
		}
	case "alias":
		if len(args) != 2 {
			return "Alias takes two arguments, a fakename and a realname", nil
		}
		site.Locations = append(site.Locations, &Location{Prefix: args[0], Alias: absolute(r.base, args[1])})
	case "redirect":
		code := 302
		if len(args) == 3 {
			code = map[string]int{"permanent": 301, "temp": 302, "301": 301, "302": 302}[args[0]]
			args = args[1:]
		}
		if len(args) != 2 || code == 0 {
			return "Redirect takes two or three arguments, an optional status, then document to be redirected and destination URL", nil
		}
		site.Locations = append(site.Locations, &Location{Prefix: args[0], Return: &Return{code, args[1]}})
	case "proxypass":
		if len(args) < 2 {
			return "ProxyPass needs a path and an URL", nil
		}
		site.Locations = append(site.Locations, &Location{Prefix: args[0], Proxy: args[1]})
	case "proxypassreverse", "proxyrequests", "proxypreservehost", "scriptalias":
	case "sslengine":
		for i := range site.Listens {
			site.Listens[i].TLS = strings.EqualFold(args[0], "on")
		}
	case "sslcertificatefile":
		site.Certificate = absolute(r.base, args[0])
	case "sslcertificatekeyfile":
		site.Key = absolute(r.base, args[0])
	default:
		return "Invalid command '" + words[0] + "', perhaps misspelled or defined by a module not included in the server configuration", nil
	}
	return "", nil
}

func (r *apacheReader) include(name, pattern string, depth int) (problem string, err error) {
	pattern = absolute(r.base, pattern)
	found, err := r.files.Stat(pattern)
	switch {
	case hasPattern(pattern), err == nil && found.IsDir():
		for _, each := range glob(r.files, pattern) {
			if err := r.file(each, depth+1); err != nil {
				return "", err
			}
		}
		return "", nil
	case err != nil && name == "includeoptional":
		return "", nil
	case err != nil:
		return "Could not open configuration file " + pattern + ": No such file or directory", nil
	}
	return "", r.file(pattern, depth+1)
}

// apacheWords splits a line into words. Quotes protect blanks.
func apacheWords(line string) []string {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if quote := line[0]; quote == '"' || quote == '\'' {
			word, rest, _ := strings.Cut(line[1:], string(quote))
			words, line = append(words, word), rest
			continue
		}
		at := strings.IndexAny(line, " \t")
		if at < 0 {
			at = len(line)
		}
		words, line = append(words, line[:at]), line[at:]
	}
	return words
}
