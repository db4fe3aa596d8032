// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/webserver"
)

// webServer is nginx or Apache on one guest.
type webServer struct {
	service string // name of its service
	banner  string // value of the Server header
	file    string // its configuration
	read    func() (*webserver.Config, error)
}

func (g *guest) nginxServer(p *shell.Process, file string) webServer {
	if file == "" {
		file = "/etc/nginx/nginx.conf"
	}
	return webServer{"nginx", "nginx/" + g.version("nginx"), file, func() (*webserver.Config, error) { return webserver.ReadNginx(p.Files, file) }}
}

func (g *guest) apacheServer(p *shell.Process, file string) webServer {
	service, standard := "httpd", "/etc/httpd/conf/httpd.conf"
	if g.packages().Has("apache2") {
		service, standard = "apache2", "/etc/apache2/apache2.conf"
	}
	if file == "" {
		file = standard
	}
	version, _, _ := strings.Cut(g.version(service), "-")
	return webServer{service, "Apache/" + version, file, func() (*webserver.Config, error) { return webserver.ReadApache(p.Files, file) }}
}

// version returns the version of a package.
func (g *guest) version(name string) string {
	p, _ := g.packages().Find(name)
	return p.Version
}

// nginx implements "nginx [-t] [-q] [-v] [-c FILE] [-g DIRECTIVES] [-s
// SIGNAL]".
func (g *guest) nginx(ctx context.Context, p *shell.Process) int {
	var file, signal string
	var test, quiet, foreground bool
	for i := 1; i < len(p.Args); i++ {
		option := p.Args[i]
		switch {
		case option == "-t":
			test = true
		case option == "-q":
			quiet = true
		case option == "-v" || option == "-V":
			fmt.Fprintf(p.Stderr, "nginx version: nginx/%s\n", g.version("nginx"))
			return 0
		case slices.Contains([]string{"-c", "-g", "-s"}, option) && i+1 < len(p.Args):
			i++
			switch option {
			case "-c":
				file = p.Path(p.Args[i])
			case "-g":
				foreground = strings.Contains(p.Args[i], "daemon off")
			default:
				signal = p.Args[i]
			}
		default:
			return p.Fail(1, "invalid option: %q", strings.TrimLeft(option, "-"))
		}
	}
	server := g.nginxServer(p, file)
	if signal != "" {
		return g.signalWeb(ctx, p, server, signal)
	}
	config, err := server.read()
	if err != nil {
		fmt.Fprintf(p.Stderr, "nginx: [emerg] %v\n", err)
		if test {
			fmt.Fprintf(p.Stderr, "nginx: configuration file %s test failed\n", server.file)
		}
		return 1
	}
	if test {
		if code := checkTLS(p, config, g); code != 0 {
			return code
		}
		if !quiet {
			fmt.Fprintf(p.Stderr, "nginx: the configuration file %[1]s syntax is ok\nnginx: configuration file %[1]s test is successful\n", server.file)
		}
		return 0
	}
	return g.serveWeb(ctx, p, server, config, foreground)
}

func checkTLS(p *shell.Process, config *webserver.Config, g *guest) int {
	for _, port := range config.Ports() {
		if _, err := config.TLS(p.Files, port, g.Now); err != nil {
			return p.Fail(1, "[emerg] %v", err)
		}
	}
	return 0
}

// apache implements "httpd" and "apache2" with [-t] [-v] [-S] [-f FILE] [-k
// ACTION] [-D NAME].
func (g *guest) apache(ctx context.Context, p *shell.Process) int {
	file, action, foreground, test := "", "start", false, false
	for i := 1; i < len(p.Args); i++ {
		option := p.Args[i]
		switch {
		case option == "-t" || option == "-S" || option == "configtest":
			test = true
		case option == "-v" || option == "-V":
			fmt.Fprintf(p.Stdout, "Server version: %s (Unix)\n", g.apacheServer(p, "").banner)
			return 0
		case option == "-X" || option == "-DFOREGROUND":
			foreground = true
		case slices.Contains([]string{"-f", "-k", "-D"}, option) && i+1 < len(p.Args):
			i++
			switch option {
			case "-f":
				file = p.Path(p.Args[i])
			case "-k":
				action = p.Args[i]
			default:
				foreground = foreground || p.Args[i] == "FOREGROUND"
			}
		case !strings.HasPrefix(option, "-") && path.Base(p.Args[0]) != "httpd" && path.Base(p.Args[0]) != "apache2": // apachectl
			action = option
		default:
			fmt.Fprintf(p.Stderr, "Usage: %s [-D name] [-f file] [-k start|restart|graceful|stop] [-v] [-t] [-S]\n", path.Base(p.Args[0]))
			return 1
		}
	}
	server := g.apacheServer(p, file)
	if action != "start" {
		return g.signalWeb(ctx, p, server, action)
	}
	config, err := server.read()
	if err != nil {
		var at *webserver.Error
		if errors.As(err, &at) {
			err = fmt.Errorf("Syntax error on line %d of %s:\n%s", at.Line, at.File, at.Text) //nolint:staticcheck // Apache uses these words
			fmt.Fprintln(p.Stderr, err)
			return 1
		}
		return p.Fail(1, "%v", err)
	}
	if test {
		if code := checkTLS(p, config, g); code != 0 {
			return code
		}
		fmt.Fprintln(p.Stderr, "Syntax OK")
		return 0
	}
	return g.serveWeb(ctx, p, server, config, foreground)
}

// httpd runs Apache if the package of Apache is installed, and busybox's httpd
// otherwise. With busybox's options -p or -h it always runs busybox's httpd.
func (g *guest) httpd(ctx context.Context, p *shell.Process) int {
	ofBusybox := slices.Contains(p.Args, "-p") || slices.Contains(p.Args, "-h")
	if g.packages().Has("httpd") && !ofBusybox {
		return g.apache(ctx, p)
	}
	return g.busyboxHTTP(ctx, p)
}

// signalWeb stops a web server, or makes the server read its configuration
// again.
func (g *guest) signalWeb(ctx context.Context, p *shell.Process, server webServer, signal string) int {
	sys := g.current()
	if sys == nil {
		return p.Fail(1, "the machine is going down")
	}
	if !sys.isActive(server.service) {
		return p.Fail(1, "[error] %s is not running", server.service)
	}
	switch signal {
	case "stop", "quit", "graceful-stop":
		sys.stopUnit(ctx, server.service)
		return 0
	case "reload", "restart", "graceful":
		u, err := g.unit(server.service)
		if err != nil {
			return p.Fail(1, "%v", err)
		}
		return g.reload(ctx, p, sys, u)
	}
	return p.Fail(1, "invalid option: \"-s %s\"", signal)
}

// serveWeb opens the ports of a configuration and serves requests on them.
func (g *guest) serveWeb(ctx context.Context, p *shell.Process, server webServer, config *webserver.Config, foreground bool) int {
	sys := g.current()
	if sys == nil {
		return p.Fail(1, "the machine is going down")
	}
	var open []net.Listener
	fail := func(err error) int {
		for _, listener := range open {
			sys.closePort(listener)
		}
		return p.Fail(1, "[emerg] %v", err)
	}
	for _, port := range config.Ports() {
		secure, err := config.TLS(p.Files, port, g.Now)
		if err != nil {
			return fail(err)
		}
		listener, err := g.listen(sys, port)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return fail(fmt.Errorf("bind() to 0.0.0.0:%d failed (98: Address already in use)", port))
		case err != nil:
			return fail(fmt.Errorf("bind() to 0.0.0.0:%d failed: %w", port, err))
		}
		open = append(open, listener)
		if at := listener.Addr().(*net.TCPAddr).Port; at != port {
			fmt.Fprintf(p.Stderr, "%s: the simulator is not permitted to open port %d, so it serves on port %d instead\n", server.service, port, at)
		}
		if secure != nil {
			open[len(open)-1] = secured{listener, secure}
		}
	}
	ended, end := sys.serveAll(server.service, open, config.Ports(), func(port int) http.Handler {
		return webserver.Handler{Config: config, Port: port, Files: p.Files, Name: server.banner, Dial: g.dialName}
	})
	return waitOrDaemonise(ctx, foreground, ended, end)
}

// secured is a listener whose connections use TLS.
type secured struct {
	net.Listener

	config *tls.Config
}

// Accept returns the next connection, wrapped in TLS.
func (s secured) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(conn, s.config), nil
}

// closePort removes a port from the list of services and closes its listener.
func (sys *runningSystem) closePort(listener net.Listener) {
	if with, ok := listener.(secured); ok {
		listener = with.Listener
	}
	if opened, ok := listener.(*service); ok {
		sys.removeService(opened.guestAddress)
	}
	_ = listener.Close() // may be closed already
}

// serveAll serves requests on all ports of a web server until end is called.
func (sys *runningSystem) serveAll(name string, open []net.Listener, ports []int, handler func(port int) http.Handler) (ended <-chan struct{}, end func()) {
	var all sync.WaitGroup
	var ends []func()
	for i, listener := range open {
		over, stop := sys.serve(listener, handler(ports[i]))
		ends = append(ends, stop)
		all.Go(func() { <-over })
	}
	done := make(chan struct{})
	end = func() {
		for _, stop := range ends {
			stop()
		}
	}
	own := &daemon{end}
	sys.mu.Lock()
	sys.daemons[name] = own
	sys.mu.Unlock()
	sys.running.Go(func() {
		defer close(done)
		all.Wait()
		sys.mu.Lock()
		defer sys.mu.Unlock()
		if sys.daemons[name] == own { // another daemon with this name may have started
			delete(sys.daemons, name)
		}
	})
	return done, end
}

// daemon is a running web server.
type daemon struct{ end func() }

func (sys *runningSystem) hasDaemon(name string) bool {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	return sys.daemons[name] != nil
}

func (sys *runningSystem) endDaemon(name string) {
	sys.mu.Lock()
	running := sys.daemons[name]
	delete(sys.daemons, name)
	sys.mu.Unlock()
	if running != nil {
		running.end()
	}
}
