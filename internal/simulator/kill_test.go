// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const childState = "GOGRID_SIMULATOR_TEST_STATE"

// TestMain runs the tests, or acts as the child process of TestKilledProcess.
func TestMain(m *testing.M) {
	if path := os.Getenv(childState); path != "" {
		addUntilKilled(path)
	}
	os.Exit(m.Run())
}

// addUntilKilled lets several callers add servers at once. It prints the
// address of each server whose add the grid has answered.
func addUntilKilled(path string) {
	grid, err := New(Options{State: path, PublicBlockSize: 65536, Keys: []Key{{APIKey: testKey, SharedSecret: testSecret}}})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	var out sync.Mutex
	for caller := range 8 {
		wg.Go(func() {
			for n := range 6000 {
				i := n*8 + caller
				ip := "127.20." + strconv.Itoa((i+2)/256) + "." + strconv.Itoa((i+2)%256)
				query := "?v=1.9&name=s&image=12834&ram=1GB&api_key=" + testKey + "&ip=" + ip + "&sig=" + signature(grid.Keys()[0], grid.host.Now())
				recorder := httptest.NewRecorder()
				grid.ServeHTTP(recorder, httptest.NewRequest("GET", "/api/grid/server/add"+query, nil))
				out.Lock()
				fmt.Println(recorder.Code, ip)
				out.Unlock()
			}
		})
	}
	wg.Wait()
	os.Exit(0)
}

// TestKilledProcess kills a process while it adds servers, and checks that the
// state file has every server whose add the grid has answered.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	for _, answers := range []int{1, 60, 300} {
		path, file := stateFile(t)
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childState+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var answered []string
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			ip, ok := strings.CutPrefix(lines.Text(), "200 ")
			if !ok {
				t.Fatalf("the child printed %s", lines.Text())
			}
			if answered = append(answered, ip); len(answered) == answers {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended before it was killed")
		}
		found := newRig(t, file).assignedAddresses()
		for _, ip := range answered {
			if !found[ip] {
				t.Errorf("%d adds were answered and the kill came after %d: the server at %s is lost", len(answered), answers, ip)
			}
		}
	}
}

// assignedAddresses returns the public addresses of all servers. It fails the
// test unless there are as many jobs and lines of the bill as servers.
func (r *rig) assignedAddresses() map[string]bool {
	r.t.Helper()
	all := r.grid.Inspect()
	found := make(map[string]bool)
	for _, s := range all.Servers {
		found[s.PublicIP] = true
	}
	if len(all.Jobs) != len(found) || len(all.Bills[0].Items) != len(found) {
		r.t.Errorf("%d servers, %d jobs, %d lines of the bill", len(found), len(all.Jobs), len(all.Bills[0].Items))
	}
	return found
}
