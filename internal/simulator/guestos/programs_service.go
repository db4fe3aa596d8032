// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// busyboxHTTP implements busybox's "httpd -p PORT -h FOLDER". It serves files
// on the public address. With -f it stays in the foreground.
func (g *guest) busyboxHTTP(ctx context.Context, p *shell.Process) int {
	port, home, foreground := 80, p.Dir, false
	for i := 1; i < len(p.Args); i++ {
		switch {
		case p.Args[i] == "-f":
			foreground = true
		case p.Args[i] == "-h" && i+1 < len(p.Args):
			i++
			home = p.Path(p.Args[i])
		case p.Args[i] == "-p" && i+1 < len(p.Args):
			i++
			number, err := strconv.Atoi(p.Args[i][strings.LastIndex(p.Args[i], ":")+1:])
			if err != nil || number < 1 || number > 65535 {
				return p.Fail(1, "%s: not a port", p.Args[i])
			}
			port = number
		default:
			return p.Fail(1, "invalid option %s", p.Args[i])
		}
	}
	sys := g.current()
	if sys == nil {
		return p.Fail(1, "the machine is going down")
	}
	listener, err := g.listen(sys, port)
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	ended, end := sys.serve(listener, pages{p.Files, home})
	return waitOrDaemonise(ctx, foreground, ended, end)
}

// pages serves the files of a folder over HTTP.
type pages struct {
	files disk.FS
	home  string
}

// ServeHTTP responds with a file. For a folder it responds with the folder's
// index.html.
func (h pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Join(h.home, path.Clean("/"+r.URL.Path))
	file, found, err := h.open(name)
	if err == nil && found.IsDir() {
		_ = file.Close() // nothing was written
		name = path.Join(name, "index.html")
		file, found, err = h.open(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), err == nil && found.IsDir():
		http.NotFound(w, r)
	case err != nil:
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
	default:
		http.ServeContent(w, r, name, found.ModTime(), file)
	}
	if err == nil {
		_ = file.Close() // only read
	}
}

// open opens a file and returns the attributes of the opened file. It does not
// call Stat with the name, which could refer to another file by then.
func (h pages) open(name string) (disk.File, fs.FileInfo, error) {
	file, err := h.files.Open(name)
	if err != nil {
		return nil, nil, err
	}
	found, err := file.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, found, nil
}

// dialName connects to HOST:PORT like a program that runs on the guest.
func (g *guest) dialName(ctx context.Context, _, to string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	if host == "localhost" || host == "127.0.0.1" {
		host = g.server().PublicIP.String()
	}
	return g.dial(ctx, host, number)
}
