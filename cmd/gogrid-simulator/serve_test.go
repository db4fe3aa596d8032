// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// running is a simulator that launch started.
type running struct {
	facts  facts
	ready  string
	banner string
	stop   func() int // stops the simulator and returns its exit code
}

// launch runs the program in this process, and returns when the grid accepts
// connections. The program stops at the end of the test, or earlier if the test
// calls stop.
func launch(t *testing.T, args ...string) running {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready.json")
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"--ready-file", ready}, args...), nil, in, &stderr)
		_ = in.Close()
	}()
	banner := readBanner(t, out)
	if banner == "" {
		<-ended
		cancel()
		t.Fatalf("the simulator did not start: %s", stderr.String())
	}
	code, stopped := 0, false
	stop := func() int {
		if !stopped {
			cancel()
			code, stopped = <-ended, true
		}
		return code
	}
	t.Cleanup(func() {
		if stop() != exitOK {
			t.Errorf("the simulator ended with code %d: %s", code, stderr.String())
		}
	})
	return running{facts: readFacts(t, ready), ready: ready, banner: banner, stop: stop}
}

// readBanner reads the banner to its last line, which the program prints after it
// has written the ready file. It then discards further output, so that the program
// never blocks.
func readBanner(t *testing.T, out io.Reader) string {
	t.Helper()
	var banner strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		banner.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "Stop the grid") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return banner.String()
		}
	}
	return ""
}

func readFacts(t *testing.T, path string) facts {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		t.Fatalf("ready file: %v\n%s", err, text)
	}
	return f
}

func clientFor(t *testing.T, f facts) *client.Client {
	t.Helper()
	settings := []client.Setting{client.WithEndpoint(f.Endpoint)}
	if f.CAFile != "" {
		pool, err := client.CACertificates(t.Context(), f.CAFile)
		if err != nil {
			t.Fatal(err)
		}
		settings = append(settings, client.WithCACertificates(pool))
	}
	c, err := client.New(f.APIKey, f.SharedSecret, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func status(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func TestServeAnswersAndStopsCleanly(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--admin", "--api-key", "K", "--shared-secret", "S")
	if sim.facts.APIKey != "K" || sim.facts.SharedSecret != "S" || sim.facts.PID != os.Getpid() {
		t.Errorf("facts = %+v", sim.facts)
	}
	if _, err := clientFor(t, sim.facts).Servers.List(t.Context(), client.ServerFilter{}); err != nil {
		t.Errorf("list servers: %v", err)
	}
	if got := status(t, sim.facts.Admin+"/counters"); got != http.StatusOK {
		t.Errorf("admin counters: status %d", got)
	}
	info, err := os.Stat(sim.ready)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("ready file has mode %o, want 600: it holds the secret", mode)
	}
	if code := sim.stop(); code != exitOK {
		t.Errorf("exit code = %d", code)
	}
	if _, err := os.Stat(sim.ready); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the ready file was not removed: %v", err)
	}
	if _, err := clientFor(t, sim.facts).Servers.List(t.Context(), client.ServerFilter{}); err == nil {
		t.Error("the grid still answers")
	}
}

func TestServeKeepsAdminOffUnlessAsked(t *testing.T) {
	t.Parallel()
	sim := launch(t)
	if sim.facts.Admin != "" {
		t.Errorf("admin = %q", sim.facts.Admin)
	}
	if got := status(t, strings.TrimSuffix(sim.facts.Endpoint, "/api")+"/admin/counters"); got != http.StatusNotFound {
		t.Errorf("admin counters: status %d, want 404", got)
	}
}

// TestReadyFileTellsHowGuestsAreReached decodes the ready file without this
// program's types, as other programs do.
func TestReadyFileTellsHowGuestsAreReached(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"with guests":    {[]string{"--guests", "--guest-ssh-port", port, "--speed", "3000"}, `{"speed":3000,"guests":{"ssh_port":` + port + `}}`},
		"without guests": {[]string{"--speed", "0.5"}, `{"speed":0.5}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := launch(t, test.args...)
			text, err := os.ReadFile(sim.ready)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Speed  float64         `json:"speed"`
				Guests json.RawMessage `json:"guests,omitempty"`
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if again, _ := json.Marshal(got); string(again) != test.want {
				t.Errorf("the ready file has %s, want %s", again, test.want)
			}
		})
	}
}

// freePort reserves a free port for guests until the test ends.
func freePort(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() }) // guests use the port at other addresses
	_, port, err := net.SplitHostPort(held.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestBannerTellsOnlyMadeUpSecrets(t *testing.T) {
	t.Parallel()
	madeUp := launch(t)
	for _, want := range []string{
		"export GOGRID_ENDPOINT=" + madeUp.facts.Endpoint + "\n", "export GOGRID_API_KEY=" + madeUp.facts.APIKey + "\n",
		"export GOGRID_SHARED_SECRET=" + madeUp.facts.SharedSecret + "\n", "export GOGRID_POLL_INTERVAL=167ms\n",
		"export GOGRID_SPEED=60\n", "export GOGRID_SSH_PORT=none\n",
	} {
		if !strings.Contains(madeUp.banner, want) {
			t.Errorf("banner lacks %q:\n%s", want, madeUp.banner)
		}
	}
	given := launch(t, "--api-key", "K", "--shared-secret", "C4N4RY")
	if strings.Contains(given.banner, "C4N4RY") {
		t.Errorf("the banner contains a secret that the user gave:\n%s", given.banner)
	}
}

func TestServeKeepsTheGridInItsStateFile(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	args := []string{"--state", state, "--api-key", "K", "--shared-secret", "S"}
	first := launch(t, args...)
	ips, err := clientFor(t, first.facts).IPs.List(t.Context(), client.IPFilter{State: "Unassigned", Type: "Public"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clientFor(t, first.facts).Servers.Add(t.Context(), client.ServerAdd{
		Name: "kept", Image: "centos6.2_64_base", RAM: "512MB", IP: ips[0].Address,
	}); err != nil {
		t.Fatal(err)
	}

	var stderr bytes.Buffer
	if code := run(t.Context(), args, nil, io.Discard, &stderr); code != exitFailed ||
		!strings.Contains(stderr.String(), state) || !strings.Contains(stderr.String(), fmt.Sprint("pid ", os.Getpid())) {
		t.Errorf("a second grid on one state file: code %d, message %q", code, stderr.String())
	}
	first.stop()

	second := launch(t, args...)
	servers, err := clientFor(t, second.facts).Servers.List(t.Context(), client.ServerFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(servers) != 1 || servers[0].Name != "kept" {
		t.Errorf("servers after a restart = %+v, want the server from before", servers)
	}
}

// A program that waits for the ready file must not read the endpoint of a killed
// grid.
func TestAStaleReadyFileIsTakenAway(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready.json")
	if err := os.WriteFile(ready, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--ready-file", ready, "--state", "no/such/folder/grid.db"}
	if code := run(t.Context(), args, nil, io.Discard, io.Discard); code != exitFailed {
		t.Fatalf("exit code = %d", code)
	}
	if _, err := os.Stat(ready); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the stale ready file was not removed: %v", err)
	}
}

func TestServeStartsWithFaults(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--fault", `{"method":"grid.server.list","times":1,"when":"before","kind":"status","status":500}`)
	c, err := client.New(sim.facts.APIKey, sim.facts.SharedSecret, client.WithEndpoint(sim.facts.Endpoint), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Servers.List(t.Context(), client.ServerFilter{}); err == nil {
		t.Error("the first call succeeded despite the fault rule")
	}
	if _, err := c.Servers.List(t.Context(), client.ServerFilter{}); err != nil {
		t.Errorf("the second call, after the rule was used up: %v", err)
	}
}

func TestServeListensOnALocalhostPort(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--listen", "localhost:0")
	if _, err := clientFor(t, sim.facts).Servers.List(t.Context(), client.ServerFilter{}); err != nil {
		t.Errorf("list servers: %v", err)
	}
}

func TestGridsDrawTheirSeeds(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	first := launch(t, "--state", state)
	if other := launch(t); first.facts.Seed == other.facts.Seed {
		t.Errorf("two grids have the same seed %d", first.facts.Seed)
	}
	first.stop()
	if again := launch(t, "--state", state); again.facts.Seed != first.facts.Seed {
		t.Errorf("seed = %d after a restart, want %d", again.facts.Seed, first.facts.Seed)
	}
	if given := launch(t, "--seed", "5"); given.facts.Seed != 5 {
		t.Errorf("seed = %d, want the given seed", given.facts.Seed)
	}
}

func TestShellWordsStayWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/tmp/ca.pem": "/tmp/ca.pem", "167ms": "167ms", "": "''", "/my grid/ca.pem": "'/my grid/ca.pem'", "it's": `'it'\''s'`,
	} {
		if got := shellWord(text); got != want {
			t.Errorf("shellWord(%q) = %s, want %s", text, got, want)
		}
	}
}

// await repeats the request until done returns true.
func await(t *testing.T, what string, done func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !done(ctx) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("timed out while waiting for %s", what)
		}
	}
}
