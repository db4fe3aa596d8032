// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package claim_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/claim"
)

// folderVariable is the environment variable that makes a copy of the test binary
// claim a name in a folder, and hold the claim until the copy is killed.
const folderVariable = "GOGRID_CLAIM_TEST_FOLDER"

func TestMain(m *testing.M) {
	dir := os.Getenv(folderVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := claim.Take(dir, "thing", claim.Holder{PID: os.Getpid(), State: "other.db"})
	if err != nil {
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString("claimed\n")
	_, _ = os.Stdin.Read(make([]byte, 1)) // blocks until the parent process exits or kills this process
	_ = c.Release()
}

func take(t *testing.T, dir string) *claim.Claim {
	t.Helper()
	c, err := claim.Take(dir, "thing", claim.Holder{PID: 7, State: "grid.db"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantHeld fails the test unless the error names the other holder.
func wantHeld(t *testing.T, dir string, want claim.Holder) {
	t.Helper()
	_, err := claim.Take(dir, "thing", claim.Holder{PID: 8})
	var held *claim.HeldError
	if !errors.As(err, &held) || held.Holder != want || held.Name != "thing" {
		t.Errorf("Take: %v, want the holder %+v", err, want)
	}
}

func TestAClaimIsHeldUntilItIsReleased(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := take(t, dir)
	wantHeld(t, dir, claim.Holder{PID: 7, State: "grid.db"})
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("files were not removed: %v", left)
	}
	again := take(t, dir)
	if err := c.Release(); err != nil {
		t.Errorf("second Release: %v", err)
	}
	wantHeld(t, dir, claim.Holder{PID: 7, State: "grid.db"})
	if err := again.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestAKilledProcessHoldsNothing(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), folderVariable+"="+dir)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(stdout).Scan() {
		t.Fatal("the process did not claim the name")
	}
	wantHeld(t, dir, claim.Holder{PID: command.Process.Pid, State: "other.db"})
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // the error reports the kill
	if err := take(t, dir).Release(); err != nil {
		t.Fatal(err)
	}
}

// Release removes the file while other processes may already have it open.
func TestOneOfManyHasTheClaim(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var holders atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for taken := 0; taken < 40; {
				c, err := claim.Take(dir, "thing", claim.Holder{PID: 7})
				var held *claim.HeldError
				if errors.As(err, &held) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				taken++
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d goroutines hold the claim at once", n)
				}
				holders.Add(-1)
				if err := c.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestDirIsOfTheUserAlone(t *testing.T) {
	t.Parallel()
	dir, err := claim.Dir()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := claim.Dir(); err != nil || again != dir {
		t.Errorf("the second call of Dir returned %q, %v", again, err)
	}
}
