// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package webserver

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// Handler serves the requests that arrive at one port of a configuration.
type Handler struct {
	Config *Config
	Port   int
	Files  disk.FS
	// Name is the value of the Server header, such as "nginx/1.0.15".
	Name string
	// Dial connects to servers that the guest can reach, for locations that
	// proxy requests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// ServeHTTP responds with a file, a fixed response or the response of another
// server.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", h.Name)
	site := h.Config.site(h.Port, r.Host)
	if site == nil {
		http.Error(w, "no site", http.StatusNotFound)
		return
	}
	name := path.Clean("/" + r.URL.Path)
	if strings.HasSuffix(r.URL.Path, "/") && name != "/" {
		name += "/"
	}
	if site.Return != nil {
		site.Return.write(w, r)
		return
	}
	where := site.find(name)
	switch {
	case where.Denied:
		http.Error(w, "Forbidden", http.StatusForbidden)
	case where.Return != nil:
		where.Return.write(w, r)
	case where.Proxy != "":
		h.pass(w, r, where)
	default:
		h.file(w, r, where, name)
	}
}

// site returns the port's site for a host name. If no site has that name, it
// returns the default site. If there is no default site, it returns the first
// site.
func (c *Config) site(port int, host string) *Site {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	var first, standard *Site
	for _, site := range c.Sites {
		if !slices.ContainsFunc(site.Listens, func(l Listen) bool { return l.Port == port }) {
			continue
		}
		if slices.ContainsFunc(site.Names, func(name string) bool { return named(name, host) }) {
			return site
		}
		if first == nil {
			first = site
		}
		if site.Default && standard == nil {
			standard = site
		}
	}
	if standard != nil {
		return standard
	}
	return first
}

func named(name, host string) bool {
	if rest, found := strings.CutPrefix(name, "*"); found && rest != "" {
		return strings.HasSuffix(host, rest)
	}
	return strings.EqualFold(name, host)
}

// find returns the location for a path: an exact match, or otherwise the
// location with the longest matching prefix.
func (s *Site) find(name string) *Location {
	best := &Location{Root: s.Root, Index: s.Index, AutoIndex: s.AutoIndex, TryFiles: s.TryFiles}
	for _, location := range s.Locations {
		switch {
		case location.Exact && location.Prefix == name:
			return location
		case !location.Exact && strings.HasPrefix(name, location.Prefix) && len(location.Prefix) > len(best.Prefix):
			best = location
		}
	}
	return best
}

func (a *Return) write(w http.ResponseWriter, r *http.Request) {
	text := a.Text
	for _, variable := range []struct{ name, value string }{
		{"$request_uri", r.URL.RequestURI()}, {"$host", strings.Split(r.Host, ":")[0]}, {"$uri", r.URL.Path}, {"$scheme", "http"},
	} {
		text = strings.ReplaceAll(text, variable.name, variable.value)
	}
	if a.Code >= 300 && a.Code < 400 && text != "" {
		w.Header().Set("Location", text)
		text = ""
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(a.Code)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprint(w, text) // fails only if the client has disconnected
	}
}

// pass proxies the request to another server of the grid.
func (h Handler) pass(w http.ResponseWriter, r *http.Request, where *Location) {
	to, err := url.Parse(where.Proxy)
	if err != nil || to.Scheme != "http" || to.Host == "" {
		http.Error(w, "Bad Gateway", http.StatusBadGateway)
		return
	}
	transport := &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			if to.Path != "" {
				p.Out.URL.Path = to.Path + strings.TrimPrefix(p.In.URL.Path, where.Prefix)
			}
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = to.Scheme, to.Host, p.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "Bad Gateway", http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
}

// path returns the file to which a location maps a path.
func (l *Location) path(name string) string {
	if l.Alias != "" {
		return path.Join(l.Alias, path.Clean("/"+strings.TrimPrefix(name, l.Prefix)))
	}
	return path.Join(l.Root, name)
}

func (h Handler) file(w http.ResponseWriter, r *http.Request, where *Location, name string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	for i, try := range where.TryFiles {
		if code, found := strings.CutPrefix(try, "="); found {
			number, err := strconv.Atoi(code)
			if err != nil || number < 400 || number > 599 {
				number = http.StatusNotFound
			}
			http.Error(w, http.StatusText(number), number)
			return
		}
		candidate := path.Clean("/" + strings.ReplaceAll(try, "$uri", name))
		found, err := h.Files.Stat(where.path(candidate))
		if i == len(where.TryFiles)-1 || err == nil && found.IsDir() == strings.HasSuffix(try, "/") {
			name = candidate
			if err == nil && found.IsDir() {
				name += "/"
			}
			break
		}
	}
	at := where.path(name)
	found, err := h.Files.Stat(at)
	if err == nil && found.IsDir() {
		if !strings.HasSuffix(name, "/") {
			w.Header().Set("Location", name+"/")
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		h.folder(w, r, where, at)
		return
	}
	h.send(w, r, at)
}

// folder responds with the index file of a folder. Without an index file it
// responds with a listing, if listings are enabled.
func (h Handler) folder(w http.ResponseWriter, r *http.Request, where *Location, at string) {
	for _, index := range where.Index {
		if found, err := h.Files.Stat(path.Join(at, index)); err == nil && !found.IsDir() {
			h.send(w, r, path.Join(at, index))
			return
		}
	}
	if !where.AutoIndex {
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	}
	entries, err := h.Files.ReadDir(at)
	if err != nil {
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	for _, entry := range entries {
		shown := entry.Name()
		if entry.IsDir() {
			shown += "/"
		}
		_, _ = fmt.Fprintf(w, "<a href=\"%s\">%s</a>\n", (&url.URL{Path: shown}).EscapedPath(), html.EscapeString(shown)) // fails only if the client has disconnected
	}
}

// send responds with a file. It checks the attributes of the opened file:
// between two lookups, the name could change to refer to another file.
func (h Handler) send(w http.ResponseWriter, r *http.Request, at string) {
	file, err := h.Files.Open(at)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
		http.NotFound(w, r)
		return
	}
	defer func() { _ = file.Close() }() // only read
	found, err := file.Stat()
	switch {
	case err != nil || found.IsDir():
		http.NotFound(w, r)
	case found.Mode()&0o004 == 0:
		http.Error(w, "Forbidden", http.StatusForbidden) // the web server does not run as root, so it needs permission to read
	default:
		http.ServeContent(w, r, at, found.ModTime(), file)
	}
}
