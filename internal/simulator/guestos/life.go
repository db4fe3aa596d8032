// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// What one boot may have open at once: the host has only so many files.
const (
	maxServices    = 100 // ports
	maxConnections = 100 // clients of SSH
)

// life is one boot, from switching on to switching off.
type life struct {
	ctx      context.Context
	end      context.CancelFunc
	boots    int
	due      time.Time     // when the network answers, on the grid's clock
	bootDone chan struct{} // closed when the network answers, or never will
	running  sync.WaitGroup
	clients  chan struct{} // has an element for each connection

	mu        sync.Mutex // guards all below
	reachable bool
	services  map[string]net.Listener // by the address in the guest
	daemons   map[string]*daemon      // web servers by the name of their service
	dhcp      *dhcpConfig             // of the DHCP service; nil where none runs
	units     map[string]*running     // the last start of each
}

// Begin counts what runs in the background.
func (l *life) Begin() (ctx context.Context, end func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil { // the shutdown only waits for activities counted before it began
		return nil, nil, false
	}
	l.running.Add(1)
	return l.ctx, l.running.Done, true
}

var errPorts = errors.New("too many open files")

// PrivilegedOffset is added to a port below 1024 that the simulator's process
// may not open: a guest's port 80 then answers on 8080.
const PrivilegedOffset = 8000

// service is a listening port of a guest.
type service struct {
	net.Listener

	guestAddress string // the address in the guest
}

// listen opens a port on the public address for as long as the boot lasts.
func (g *guest) listen(l *life, port int) (net.Listener, error) {
	address := net.JoinHostPort(g.server().PublicIP.String(), strconv.Itoa(port))
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.services) >= maxServices {
		return nil, errPorts
	}
	if l.services[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	var config net.ListenConfig
	opened, err := config.Listen(l.ctx, "tcp", address)
	if errors.Is(err, fs.ErrPermission) && port < 1024 {
		opened, err = config.Listen(l.ctx, "tcp", net.JoinHostPort(g.server().PublicIP.String(), strconv.Itoa(port+PrivilegedOffset)))
	}
	listener := &service{opened, address}
	if err != nil {
		return nil, err
	}
	if l.ctx.Err() != nil {
		return nil, errors.Join(l.ctx.Err(), listener.Close())
	}
	l.services[address] = listener
	return listener, nil
}

// removeService says that a port is served no more, before it is closed.
func (l *life) removeService(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.services, address)
}

// hostAddress returns the host's address for an address on which the guest is
// listening. It is empty if the guest is not listening there.
func (l *life) hostAddress(address string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if listener := l.services[address]; listener != nil && l.ctx.Err() == nil {
		return listener.Addr().String()
	}
	return ""
}

// serve answers HTTP until the guest goes down, or end is called.
func (l *life) serve(listener net.Listener, handler http.Handler) (ended <-chan struct{}, end func()) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // errors of clients are not worth logging
	}
	over := make(chan struct{})
	end = func() {
		l.closePort(listener)
		_ = server.Close() // which ends who is served
	}
	stop := context.AfterFunc(l.ctx, end)
	l.running.Go(func() {
		defer close(over)
		defer stop()
		_ = server.Serve(listener) // until it is closed
	})
	return over, end
}

// pause waits in the host's time, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (l *life) serviceAddresses() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, listener := range l.services {
		all = append(all, listener.Addr().String())
	}
	slices.Sort(all)
	return all
}

func (l *life) isReachable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reachable
}
