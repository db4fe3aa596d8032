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

// Limits for each boot, because the host can open only a limited number of
// files.
const (
	maxServices    = 100 // ports
	maxConnections = 100 // SSH clients
)

// runningSystem is the state of a guest from one boot until it is switched off.
type runningSystem struct {
	ctx      context.Context
	end      context.CancelFunc
	boots    int
	due      time.Time     // time on the grid's clock at which the network answers
	bootDone chan struct{} // closed when the boot is complete or cancelled
	running  sync.WaitGroup
	clients  *doorman

	mu        sync.Mutex // guards the fields below
	reachable bool
	services  map[string]net.Listener // by address in the guest
	daemons   map[string]*daemon      // web servers by service name
	dhcp      *dhcpConfig             // configuration of the DHCP service; nil if none runs
	units     map[string]*running     // last start of each unit
}

// Begin registers a background process. The process must stop when the returned
// context ends, and then call end. ok is false if the boot is ending.
func (sys *runningSystem) Begin() (ctx context.Context, end func(), ok bool) {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	if sys.ctx.Err() != nil { // a shutdown waits only for processes that were registered before it
		return nil, nil, false
	}
	sys.running.Add(1)
	return sys.ctx, sys.running.Done, true
}

var errPorts = errors.New("too many open files")

// PrivilegedOffset is added to a port below 1024 that the simulator's process
// cannot open. For example, a guest's port 80 answers on port 8080.
const PrivilegedOffset = 8000

// service is a listening port of a guest.
type service struct {
	net.Listener

	guestAddress string // the address in the guest
}

// listen opens a port on the public address until the boot ends.
func (g *guest) listen(sys *runningSystem, port int) (net.Listener, error) {
	address := net.JoinHostPort(g.server().PublicIP.String(), strconv.Itoa(port))
	sys.mu.Lock()
	defer sys.mu.Unlock()
	if len(sys.services) >= maxServices {
		return nil, errPorts
	}
	if sys.services[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	var config net.ListenConfig
	opened, err := config.Listen(sys.ctx, "tcp", address)
	if errors.Is(err, fs.ErrPermission) && port < 1024 {
		opened, err = config.Listen(sys.ctx, "tcp", net.JoinHostPort(g.server().PublicIP.String(), strconv.Itoa(port+PrivilegedOffset)))
	}
	listener := &service{opened, address}
	if err != nil {
		return nil, err
	}
	if sys.ctx.Err() != nil {
		return nil, errors.Join(sys.ctx.Err(), listener.Close())
	}
	sys.services[address] = listener
	return listener, nil
}

// removeService removes a port from the list of services. Call it before
// closing the port.
func (sys *runningSystem) removeService(address string) {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	delete(sys.services, address)
}

// hostAddress returns the host's address for a listening address of the guest,
// or "" if the guest does not listen there.
func (sys *runningSystem) hostAddress(address string) string {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	if listener := sys.services[address]; listener != nil && sys.ctx.Err() == nil {
		return listener.Addr().String()
	}
	return ""
}

// serve serves HTTP until the guest shuts down or end is called, and then
// closes ended.
func (sys *runningSystem) serve(listener net.Listener, handler http.Handler) (ended <-chan struct{}, end func()) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // errors of clients are not logged
	}
	over := make(chan struct{})
	end = func() {
		sys.closePort(listener)
		_ = server.Close() // also closes open connections
	}
	stop := context.AfterFunc(sys.ctx, end)
	sys.running.Go(func() {
		defer close(over)
		defer stop()
		_ = server.Serve(listener) // returns when the server is closed
	})
	return over, end
}

// pause waits until d has passed on the host's clock or ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (sys *runningSystem) serviceAddresses() []string {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	var all []string
	for _, listener := range sys.services {
		all = append(all, listener.Addr().String())
	}
	slices.Sort(all)
	return all
}

func (sys *runningSystem) isReachable() bool {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	return sys.reachable
}
