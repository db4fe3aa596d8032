// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// shutdownTimeout limits how long the program waits for running calls when it
// stops.
const shutdownTimeout = 5 * time.Second

// server is a grid that accepts connections.
type server struct {
	grid     *simulator.Grid
	security *security // nil for plain HTTP
	http     *http.Server
	facts    facts
	ready    string // path of the ready file, "" for none
	finished chan error
}

// serve runs a grid until ctx ends or the process gets SIGINT or SIGTERM.
func serve(ctx context.Context, set *settings, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	srv, err := start(ctx, set, stderr)
	if err != nil {
		return err
	}
	srv.banner(stdout, set)
	select {
	case err = <-srv.finished:
		err = fmt.Errorf("serve %s: %w", srv.facts.Endpoint, err)
	case <-ctx.Done():
	}
	return errors.Join(err, srv.stop(ctx))
}

// start opens the grid, accepts connections, and writes the ready file.
func start(ctx context.Context, set *settings, stderr io.Writer) (*server, error) {
	if err := removeStale(set.readyFile); err != nil {
		return nil, err
	}
	listener, err := listen(ctx, set.listen, set.allowRemote)
	if err != nil {
		return nil, err
	}
	grid, err := openGrid(set, stderr)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	sec, err := set.openSecurity(ctx, listener, clockwork.NewRealClock().Now())
	if err != nil {
		return nil, errors.Join(err, grid.Close(), listener.Close())
	}
	srv := &server{
		grid: grid, security: sec,
		http:     newHTTP(grid, set.options.Log, sec),
		facts:    factsOf(listener, set, sec, grid),
		ready:    set.readyFile,
		finished: make(chan error, 1),
	}
	srv.warn(stderr)
	go func() { srv.finished <- srv.accept(listener) }()
	if srv.ready != "" {
		if err := srv.facts.writeTo(srv.ready); err != nil {
			return nil, errors.Join(err, srv.stop(ctx))
		}
	}
	return srv, nil
}

// newHTTP returns the HTTP server of a grid. It logs failed TLS handshakes to
// log unless log is nil.
func newHTTP(grid http.Handler, log *slog.Logger, sec *security) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	server := &http.Server{Handler: grid, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	if sec != nil {
		server.TLSConfig = sec.config()
		server.Protocols = new(http.Protocols)
		server.Protocols.SetHTTP1(true)
	}
	return server
}

// accept serves until the server is stopped.
func (s *server) accept(listener net.Listener) error {
	if s.security != nil {
		return s.http.ServeTLS(listener, "", "")
	}
	return s.http.Serve(listener)
}

func openGrid(set *settings, stderr io.Writer) (*simulator.Grid, error) {
	if set.verbose {
		set.options.Log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	grid, err := simulator.New(set.options)
	if err != nil {
		return nil, fmt.Errorf("open the grid: %w", err)
	}
	if err := grid.AddFaults(set.faults...); err != nil {
		return nil, errors.Join(fmt.Errorf("--fault: %w", err), grid.Close())
	}
	return grid, nil
}

// stop waits for running calls, closes the grid and removes the ready file. It
// ignores the cancellation of ctx, because ctx has already ended when stop
// runs.
func (s *server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	if s.ready != "" {
		if gone := os.Remove(s.ready); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return errors.Join(err, s.grid.Close(), s.security.close())
}

// listen accepts only loopback addresses unless allowRemote is set. The grid's
// admin routes need no key, and a grid without TLS serves plain HTTP.
func listen(ctx context.Context, address string, allowRemote bool) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	if !allowRemote && !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("--listen %s is not a loopback address such as 127.0.0.1:0; "+
			"other machines could reach the grid, whose admin routes need no key: add --allow-remote to allow this", address)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", resolved.String())
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	return listener, nil
}
