// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

const guestCount = 50

// BenchmarkFiftyGuests boots fifty guests and runs a command in all of them at
// once. It also reports two memory sizes of the process while all guests are up:
// the live heap and the maximum resident size.
func BenchmarkFiftyGuests(b *testing.B) {
	var boot, login time.Duration
	var live, most float64
	for b.Loop() {
		r := newRig(b)
		begun := time.Now()
		for n := range guestCount {
			r.Follow(nthServer(r, n))
		}
		must(b, r.WaitReady(b.Context()))
		boot += time.Since(begun)
		begun = time.Now()
		answers := make(chan error, guestCount)
		for n := range guestCount {
			go func() { answers <- checkCommand(r, nthServer(r, n)) }()
		}
		for range guestCount {
			must(b, <-answers)
		}
		login += time.Since(begun)
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		live, most = max(live, float64(memory.HeapAlloc)), max(most, residentMB(b))
		must(b, r.Close())
	}
	b.ReportMetric(boot.Seconds()/float64(b.N), "s/50boots")
	b.ReportMetric(login.Seconds()/float64(b.N), "s/50logins")
	b.ReportMetric(live/(1<<20), "heapMB")
	b.ReportMetric(most, "rssMB")
}

func nthServer(r *rig, n int) guestos.Server {
	return guestos.Server{
		ID: int64(n + 1), Account: 22290, Name: fmt.Sprint("web", n), Image: baseImage, Base: true, OS: "CentOS 6.2 (64-bit)", Family: guestos.Linux,
		PublicIP: netip.AddrFrom4([4]byte{127, 31, 0, byte(n + 2)}), Password: password, Up: true, Boots: 1, Reachable: r.clock.Now(),
	}
}

func checkCommand(r *rig, s guestos.Server) error {
	client, err := r.dial(s, "root", password)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	text, err := session.CombinedOutput("seq 1000 | sort -rn | wc -l")
	if err == nil && string(text) != "1000\n" {
		err = fmt.Errorf("%s prints %q", s.Name, text)
	}
	return err
}

// residentMB returns the maximum resident size of the process in MB.
func residentMB(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	must(b, err)
	for line := range strings.SplitSeq(string(text), "\n") {
		if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
			var size float64
			_, _ = fmt.Sscan(kilobytes, &size)
			return size / 1024
		}
	}
	return 0
}
