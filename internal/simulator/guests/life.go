// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guests

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// What one boot may have open at once: the host has only so many files.
const (
	maxServices    = 100 // ports
	maxConnections = 100 // clients of SSH
)

// life is one boot, from switching on to switching off.
type life struct {
	ctx     context.Context
	end     context.CancelFunc
	boots   int
	due     time.Time     // when the network answers, on the grid's clock
	open    chan struct{} // closed when the network answers, or never will
	running sync.WaitGroup
	clients chan struct{} // has an element for each connection

	mu       sync.Mutex // guards all below
	answers  bool
	services map[string]net.Listener // by address
	dhcp     *dhcpConfig             // of the DHCP service; nil where none runs
	units    map[string]*running     // the last start of each
}

// Begin counts what runs in the background.
func (l *life) Begin() (ctx context.Context, end func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil { // whoever takes the guest down waits for what was counted before
		return nil, nil, false
	}
	l.running.Add(1)
	return l.ctx, l.running.Done, true
}

var errPorts = errors.New("too many open files")

// listen opens a port on the public address for as long as the boot lasts.
func (g *guest) listen(l *life, port int) (net.Listener, error) {
	address := net.JoinHostPort(g.server().PublicIP.String(), strconv.Itoa(port))
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.services) >= maxServices {
		return nil, errPorts
	}
	var config net.ListenConfig
	listener, err := config.Listen(l.ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if l.ctx.Err() != nil {
		return nil, errors.Join(l.ctx.Err(), listener.Close())
	}
	l.services[address] = listener
	return listener, nil
}

// forget says that a port is served no more, before it is closed.
func (l *life) forget(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.services, address)
}

// serves tells whether the guest listens at an address now.
func (l *life) serves(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.services[address] != nil && l.ctx.Err() == nil
}

// serve answers HTTP until the guest goes down, or end is called.
func (l *life) serve(listener net.Listener, handler http.Handler) (ended <-chan struct{}, end func()) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	over := make(chan struct{})
	end = func() {
		l.forget(listener.Addr().String())
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

func (l *life) served() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for address := range l.services {
		all = append(all, address)
	}
	slices.Sort(all)
	return all
}

func (l *life) isOpen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers
}
