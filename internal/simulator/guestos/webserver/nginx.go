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

// nginxIgnored are directives that have no effect on the simulated server.
var nginxIgnored = strings.Fields(`user worker_processes worker_rlimit_nofile worker_connections error_log pid daemon master_process use multi_accept
	default_type sendfile tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests log_format access_log charset gzip gzip_types gzip_disable gzip_vary
	gzip_comp_level gzip_min_length gzip_proxied gzip_http_version server_tokens client_max_body_size client_body_timeout client_header_timeout
	send_timeout types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size server_name_in_redirect expires add_header error_page
	log_not_found proxy_set_header proxy_read_timeout proxy_connect_timeout proxy_redirect proxy_buffering proxy_http_version ssl_protocols ssl_ciphers
	ssl_prefer_server_ciphers ssl_session_timeout ssl_session_cache ssl_dhparam internal allow etag worker_cpu_affinity resolver`)

// nginxIgnoredBlocks are blocks that have no effect on the simulated server.
var nginxIgnoredBlocks = []string{"types", "events", "map", "geo", "upstream", "limit_except"}

// nginxReader reads a configuration of nginx.
type nginxReader struct {
	files  disk.FS
	config *Config
	count  int
}

// nginxScope is the context of a directive.
type nginxScope struct {
	base     string // folder of the main file, to which names are relative
	block    string // main, http, server, location
	root     string // root of the enclosing block
	index    []string
	auto     bool
	site     *Site
	location *Location
}

// ReadNginx reads a configuration from its main file and all included files.
func ReadNginx(files disk.FS, name string) (*Config, error) {
	r := &nginxReader{files: files, config: &Config{}}
	scope := &nginxScope{base: path.Dir(name), block: "main", root: "/usr/share/nginx/html", index: []string{"index.html"}}
	if err := r.file(name, scope, 0); err != nil {
		return nil, err
	}
	if ports := r.config.Ports(); len(ports) > maxPorts {
		return nil, fmt.Errorf("more than %d ports", maxPorts)
	}
	return r.config, nil
}

func (r *nginxReader) file(name string, scope *nginxScope, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d levels of included files: %s", maxDepth, name)
	}
	text, err := readFile(r.files, name)
	if err != nil {
		return fmt.Errorf("open() %q failed (2: %w)", name, err)
	}
	s := &scanner{text: text, file: name, line: 1}
	if err := r.block(s, scope, depth, false); err != nil {
		return err
	}
	return nil
}

// block reads directives until the block or the file ends.
func (r *nginxReader) block(s *scanner, scope *nginxScope, depth int, inner bool) error {
	for {
		words, end, err := s.directive()
		switch {
		case err != nil:
			return err
		case end == '}' && inner:
			return nil
		case end == '}':
			return s.fail(`unexpected "}"`)
		case end == 0 && inner:
			return s.fail(`unexpected end of file, expecting "}"`)
		case end == 0:
			return nil
		}
		if r.count++; r.count > maxDirectives {
			return s.fail("too many directives")
		}
		if end == '{' {
			err = r.open(s, scope, words, depth)
		} else {
			err = r.simple(s, scope, words, depth)
		}
		if err != nil {
			return err
		}
	}
}

// open reads a directive that has a block.
func (r *nginxReader) open(s *scanner, scope *nginxScope, words []string, depth int) error {
	inner := *scope
	inner.index = slices.Clone(scope.index)
	switch name := words[0]; {
	case name == "http" && scope.block == "main":
		inner.block = "http"
		return r.block(s, &inner, depth, true)
	case name == "server" && scope.block == "http":
		inner.block, inner.site = "server", &Site{}
		if err := r.block(s, &inner, depth, true); err != nil {
			return err
		}
		inner.site.Root, inner.site.Index, inner.site.AutoIndex = inner.root, inner.index, inner.auto
		if len(inner.site.Listens) == 0 {
			inner.site.Listens = []Listen{{Port: 80}}
		}
		for _, location := range inner.site.Locations {
			location.inherit(inner.site)
		}
		r.config.Sites = append(r.config.Sites, inner.site)
		return nil
	case name == "location" && scope.block == "server":
		inner.block, inner.location = "location", &Location{}
		inner.root, inner.index, inner.auto = "", nil, false
		switch {
		case len(words) == 2 && strings.HasPrefix(words[1], "/"):
			inner.location.Prefix = words[1]
		case len(words) == 3 && (words[1] == "=" || words[1] == "^~"):
			inner.location.Prefix, inner.location.Exact = words[2], words[1] == "="
		case len(words) == 3 && strings.HasPrefix(words[1], "~"), len(words) == 2 && strings.HasPrefix(words[1], "@"):
			return s.fail("a simulated server's nginx supports location only with a prefix or \"=\", not \"" + strings.Join(words, " ") + "\"")
		default:
			return s.fail("invalid number of arguments in \"location\" directive")
		}
		if err := r.block(s, &inner, depth, true); err != nil {
			return err
		}
		inner.location.Root, inner.location.Index, inner.location.AutoIndex = inner.root, inner.index, inner.auto
		scope.site.Locations = append(scope.site.Locations, inner.location)
		return nil
	case slices.Contains(nginxIgnoredBlocks, name):
		return s.skip()
	default:
		return s.fail(fmt.Sprintf("unknown directive %q", name))
	}
}

func (l *Location) inherit(site *Site) {
	if l.Root == "" {
		l.Root = site.Root
	}
	if l.Index == nil {
		l.Index = site.Index
	}
	l.AutoIndex = l.AutoIndex || site.AutoIndex
}

// simple reads a directive that has no block.
func (r *nginxReader) simple(s *scanner, scope *nginxScope, words []string, depth int) error {
	name, args := words[0], words[1:]
	switch name {
	case "include", "root", "alias", "listen", "proxy_pass", "ssl_certificate", "ssl_certificate_key", "autoindex", "ssl":
		if len(args) == 0 || len(args) > 1 && name != "listen" {
			return s.fail(fmt.Sprintf("invalid number of arguments in %q directive", name))
		}
	}
	switch name {
	case "include":
		return r.include(s, scope, args[0], depth)
	case "root":
		scope.root = absolute(scope.base, args[0])
	case "index":
		scope.index = slices.Clone(args)
	case "autoindex":
		scope.auto = args[0] == "on"
	default:
		return r.ofSite(s, scope, name, args)
	}
	return nil
}

func (r *nginxReader) include(s *scanner, scope *nginxScope, pattern string, depth int) error {
	pattern = absolute(scope.base, pattern)
	if !hasPattern(pattern) {
		if _, err := r.files.Stat(pattern); err != nil {
			return s.fail(fmt.Sprintf("open() %q failed (2: No such file or directory)", pattern))
		}
		return r.file(pattern, scope, depth+1)
	}
	for _, name := range glob(r.files, pattern) {
		if err := r.file(name, scope, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// ofSite reads a directive inside a server or location block.
func (r *nginxReader) ofSite(s *scanner, scope *nginxScope, name string, args []string) error {
	site, location := scope.site, scope.location
	var err error
	switch {
	case slices.Contains(nginxIgnored, name):
	case site == nil:
		return s.fail(nginxUnknown(name))
	case name == "listen" && location == nil:
		err = site.listen(args)
	case name == "server_name" && location == nil:
		site.Names = append(site.Names, args...)
	case name == "ssl" && location == nil:
		for i := range site.Listens {
			site.Listens[i].TLS = site.Listens[i].TLS || args[0] == "on"
		}
	case name == "ssl_certificate" && location == nil:
		site.Certificate = absolute(scope.base, args[0])
	case name == "ssl_certificate_key" && location == nil:
		site.Key = absolute(scope.base, args[0])
	case name == "return":
		var fixed *Return
		if fixed, err = fixedAnswer(args); location != nil {
			location.Return = fixed
		} else {
			site.Return = fixed
		}
	case name == "try_files" && location != nil:
		location.TryFiles = args
	case name == "try_files":
		site.TryFiles = args
	case name == "alias" && location != nil:
		location.Alias = absolute(scope.base, args[0])
	case name == "proxy_pass" && location != nil:
		location.Proxy = args[0]
	case name == "deny" && location != nil:
		location.Denied = len(args) == 1 && args[0] == "all"
	default:
		return s.fail(nginxUnknown(name))
	}
	if err != nil {
		return s.fail(err.Error())
	}
	return nil
}

func nginxUnknown(name string) string {
	for _, known := range []string{"listen", "server_name", "ssl", "ssl_certificate", "ssl_certificate_key", "return", "try_files", "alias", "proxy_pass", "deny"} {
		if name == known {
			return fmt.Sprintf("%q directive is not allowed here", name)
		}
	}
	return fmt.Sprintf("unknown directive %q", name)
}

// listen reads "[ADDRESS:]PORT [ssl] [default_server]".
func (s *Site) listen(args []string) error {
	at := args[0]
	if strings.HasPrefix(at, "unix:") {
		return errors.New("a simulated server cannot listen on a Unix socket")
	}
	text := at[strings.LastIndex(at, ":")+1:]
	port, err := strconv.Atoi(text)
	switch {
	case strings.HasPrefix(at, "[") && strings.HasSuffix(at, "]"), err != nil && !strings.Contains(at, ":") && strings.Contains(at, "."):
		port = 80
	case err != nil || port < 1 || port > 65535:
		return fmt.Errorf("invalid port in %q of the \"listen\" directive", at)
	}
	listen := Listen{Port: port}
	for _, word := range args[1:] {
		switch word {
		case "ssl":
			listen.TLS = true
		case "default_server", "default":
			s.Default = true
		}
	}
	if !slices.Contains(s.Listens, listen) {
		s.Listens = append(s.Listens, listen)
	}
	return nil
}

func fixedAnswer(args []string) (*Return, error) {
	if len(args) == 0 || len(args) > 2 {
		return nil, errors.New(`invalid number of arguments in "return" directive`)
	}
	code, err := strconv.Atoi(args[0])
	if err != nil || code < 200 || code > 999 {
		return nil, fmt.Errorf("invalid return code %q", args[0])
	}
	fixed := &Return{Code: code}
	if len(args) == 2 {
		fixed.Text = args[1]
	}
	return fixed, nil
}

func absolute(base, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(base, name)
}
